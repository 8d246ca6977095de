import Files
import Foundation
import Glibc
import Stopping
import SystemPackage

/// What drills do to the world outside, so that tests need not die of it.
struct DrillEffects: Sendable {
    /// Sends a signal.
    var signal: @Sendable (Drill.Target, Int32) -> Void

    /// Waits; for ever, if it is not said how long.
    var sleep: @Sendable (Duration?) -> Void

    /// Asks for a stop in the configuration file.
    var writeConfigFile: @Sendable () throws(FileError) -> Void

    /// Asks for a stop by a halt request.
    var requestHalt: @Sendable () throws(FileError) -> Void

    /// Says what is being done.
    var say: @Sendable (String) -> Void

    /// What really happens.
    static func real(
        configFile: FilePath?, runDirectory: FilePath?, files: any FileSystem, in surroundings: any Surroundings
    ) -> Self {
        Self(
            signal: { target, number in
                // Swift's handler of crashes would return to the program, which has not done anything wrong.
                if target != .launcher, crashes.contains(number) { Glibc.signal(number, SIG_DFL) }
                kill(target == .launcher ? launcher : getpid(), number)
            },
            sleep: { duration in
                repeat { surroundings.sleep(for: duration ?? .seconds(3600)) } while duration == nil
            },
            writeConfigFile: { () throws(FileError) in
                guard let configFile else { return }
                let request = Array(#"{"GracefulExit": 1}"#.utf8)
                try files.replaceContents(of: configFile, with: request)
            },
            requestHalt: { () throws(FileError) in
                guard let runDirectory else { return }
                let request = HaltRequest(.now, reason: "a drill", in: surroundings)
                try HaltDirectory(ofRun: runDirectory, files: files).submit(request)
            },
            say: { StandardStream.error.offer("\($0)\n") })
    }

    private static let crashes = [SIGSEGV, SIGBUS, SIGABRT]

    /// Who started the ranks: `launch/drill` tells its process; else it is the parent, `mpirun`.
    private static var launcher: Int32 {
        let told = ProcessInfo.processInfo.environment["LOCKSTEP_DRILL_LAUNCHER"].flatMap { Int32($0) } ?? 0
        return told > 1 ? told : getppid()
    }
}
