import Foundation
import Glibc

/// How long ranks that are being started would die of a request to stop: from the exec that makes a process a rank until
/// it catches the signal, or holds it back.
///
/// The system's tables are looked at a thousand times a second, from outside, so it is measured what any launcher meets.
struct SignalWindow {
    private static let signal = SIGUSR1

    /// How the ranks are started.
    let name: String

    /// What stands before the program on mpirun's command line.
    let prefix: [String]

    /// The ways to start the trainer: by itself, and by something small that holds signals back until it listens.
    static let all = [
        SignalWindow(name: "mpirun trainer", prefix: []),
        SignalWindow(
            name: "mpirun env --block-signal trainer", prefix: ["env", "--block-signal=TERM,INT,HUP,USR1"]),
        SignalWindow(name: "mpirun starter trainer, as launch/run", prefix: [product("starter")]),
    ].filter { $0.prefix.first?.hasPrefix("/") != true || FileManager.default.isExecutableFile(atPath: $0.prefix[0]) }

    /// Starts ranks, once, and returns the milliseconds of each.
    func measure(ranks: Int) throws -> [Double] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["mpirun", "-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]
            + prefix + [Self.product("trainer"), "--version"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        ]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        var seen: [Int32: Sighting] = [:]
        while process.isRunning, seen.values.count(where: { $0.heard != nil }) < ranks {
            for child in Self.children(of: process.processIdentifier) {
                seen[child, default: Sighting()].look(at: child, startedBy: process.processIdentifier)
            }
            usleep(200)
        }
        process.waitUntilExit()
        return seen.values.compactMap(\.milliseconds)
    }

    /// A program that was built beside this one.
    private static func product(_ name: String) -> String {
        URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }

    private static func children(of process: Int32) -> [Int32] {
        text("/proc/\(process)/task/\(process)/children").split(separator: " ").compactMap { Int32($0) }
    }

    /// What was seen of one rank.
    private struct Sighting {
        private var begin: ContinuousClock.Instant?
        private(set) var heard: ContinuousClock.Instant?

        var milliseconds: Double? { begin.flatMap { begin in heard.map { begin.duration(to: $0) / .milliseconds(1) } } }

        mutating func look(at process: Int32, startedBy launcher: Int32) {
            guard heard == nil else { return }
            let now = ContinuousClock.now
            if begin == nil {
                // Between fork and exec it is still mpirun.
                let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
                let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(launcher)/exe")
                guard let program, program != own else { return }
                begin = now
            }
            let status = text("/proc/\(process)/status")
            let isSafe = ["SigCgt", "SigBlk"].contains { mask in
                let line = status.split(separator: "\n").first { $0.hasPrefix("\(mask):") }
                let bits = line.flatMap { UInt64($0.dropFirst(8).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
                return bits & 1 << UInt64(signal - 1) != 0
            }
            if isSafe { heard = now }
        }
    }
}

/// A file of the system's; empty if it is gone.
private func text(_ path: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(filePath: path))) ?? Data(), as: UTF8.self)
}
