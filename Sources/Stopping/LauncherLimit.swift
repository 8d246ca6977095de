package import Files
import Foundation
import Layouts
package import Logging
package import SystemPackage

/// How long a launcher lets the ranks go on after it was told to end them.
public struct LauncherLimit: Sendable, Equatable {
    /// The time from the notice to SIGKILL.
    public let duration: Duration

    /// How many ranks save on this machine, to the same disk.
    let localRanks: Int

    /// Describes a limit.
    public init(_ duration: Duration, localRanks: Int = 1) {
        self.duration = duration
        self.localRanks = localRanks
    }

    /// What the environment of a rank says; nil if no launcher is known to set a limit: mpirun does by itself, but not
    /// under `launch/run`, which asks the ranks instead.
    ///
    /// Open MPI sends SIGCONT at once, SIGTERM after its `odls_base_sigkill_timeout` and SIGKILL after as long again.
    public init?(environment: [String: String]) {
        guard environment["OMPI_COMM_WORLD_RANK"] != nil, environment["LOCKSTEP_TERMINAL"] == nil else { return nil }
        let timeout = environment["OMPI_MCA_odls_base_sigkill_timeout"].flatMap { Int($0) } ?? 1
        guard (0...Int(Int32.max)).contains(timeout) else { return nil }
        let ranks = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { OutsideNumber($0)?.value } ?? 1
        self.init(.seconds(2 * timeout), localRanks: max(min(ranks, DeviceMesh.rankLimit), 1))
    }

    /// What to tell people if a step and a save of these lengths do not fit; nil if they do.
    func warning(step: Duration, save: Duration, isMeasured: Bool) -> String? {
        guard step + save > duration else { return nil }
        let needed = (step + save) / .seconds(1)
        // Twice that, and a second for what varies.
        let timeout = OutsideNumber(nearestTo: (needed / 2).rounded(.up)).value + 1
        return String(
            format:
                "TERM to mpirun would lose the steps since the last checkpoint: a step and a save %@ %.1f s here, and "
                + "mpirun kills the ranks %.0f s after it. Send USR1 to mpirun, use launch/stop, start with launch/run, or "
                + "give mpirun --mca odls_base_sigkill_timeout %d",
            isMeasured ? "take" : "may take", needed, duration / .seconds(1), timeout)
    }
}

/// Warns early, and once, that the save of a stop does not fit into the launcher's limit.
package final class LauncherWarning {
    private let limit: LauncherLimit
    private let pace: RunPace
    private let logger: Logger
    private let surroundings: any Surroundings
    private var isSaid = false

    // No disk that is used for training is slower: what fits at this rate is not worth a measurement.
    private static let slowestRate = 10e6
    private static let probeBlocks = 64

    package init(_ limit: LauncherLimit, pace: RunPace, logger: Logger, in surroundings: any Surroundings) {
        self.limit = limit
        self.pace = pace
        self.logger = logger
        self.surroundings = surroundings
    }

    /// Estimates a save in which each rank of this machine writes so many bytes, by writing some.
    package func estimate(byteCount: Int, in directory: FilePath, files: any FileSystem) {
        let all = Double(byteCount) * Double(limit.localRanks)
        guard all / Self.slowestRate > limit.duration / .seconds(1),
            let rate = try? rate(in: directory, files: files)
        else { return }
        say(limit.warning(step: .zero, save: .seconds(all / rate), isMeasured: false))
    }

    /// Hears how long a save took during which the run stood still.
    package func note(save duration: Duration) {
        say(limit.warning(step: pace.figures.slowestStep, save: duration, isMeasured: true))
    }

    private func say(_ warning: String?) {
        guard let warning, !isSaid else { return }
        isSaid = true
        logger.warning("\(warning)")
    }

    /// Bytes a second that reach the disk.
    private func rate(in directory: FilePath, files: any FileSystem) throws -> Double {
        let path = files.unguessablePath(beside: directory.appending("speed"), "probe")
        // Not zeros: some disks only note how many there are.
        let block = (0..<256 << 10).map { UInt8(truncatingIfNeeded: ($0 &* 0x9E37_79B9_7F4A_7C1) >> 32) }
        let begin = surroundings.now
        let file = try files.create(path)
        defer { try? files.remove(path) }
        for _ in 0..<Self.probeBlocks { try file.write(block.span) }
        try file.synchronize()
        try file.close()
        return Double(Self.probeBlocks * block.count) / max(begin.duration(to: surroundings.now) / .seconds(1), 1e-6)
    }
}
