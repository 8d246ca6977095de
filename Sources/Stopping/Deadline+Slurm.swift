public import Files
public import Foundation

extension Deadline {
    /// When Slurm ends the allocation that this process belongs to, as `SLURM_JOB_END_TIME` says in seconds since 1970; nil
    /// if there is no such end, or what is said is far from any time.
    ///
    /// Slurm looks at the clock about once a minute, so by default that is left between the publication and the end.
    public static func endOfSlurmAllocation(
        environment: [String: String] = ProcessInfo.processInfo.environment, reserve: Duration = .seconds(60),
        in surroundings: any Surroundings = .system
    ) -> Deadline? {
        guard let end = slurmEnd(in: environment) else { return nil }
        let left = end - surroundings.date.timeIntervalSince1970
        return Deadline("the end of Slurm's allocation", end: surroundings.now + .seconds(left), reserve: reserve)
    }

    /// Whether Slurm says when it ends the allocation.
    package static func isSetBySlurm(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
        slurmEnd(in: environment) != nil
    }

    /// The seconds since 1970.
    private static func slurmEnd(in environment: [String: String]) -> Double? {
        environment["SLURM_JOB_END_TIME"].flatMap { Double($0) }.flatMap { (0...1e11).contains($0) ? $0 : nil }
    }
}
