import Files

/// What whoever started this process says about how many it started, by the variables that it left.
///
/// Only Open MPI's ranks meet here. Processes of another MPI's launcher (MPICH's, Intel's), of an Open MPI of another version,
/// or of `srun` without PMIx come up as worlds of one each: they would all do the same work, and write the same files.
public struct LauncherClaim: Equatable, Sendable {
    /// Who started it, as in "Slurm's srun".
    public let launcher: String

    /// The variable that says so, as in "PMI_SIZE=3".
    public let evidence: String

    /// How many processes it started, at least.
    public let ranks: Int

    /// Whether this process is surely one of them; a batch script of Slurm's is not.
    public let isCertain: Bool

    /// Reads the variables of a process: what launcher comes first here is the one that started it.
    public init?(in variables: [String: String]) {
        for family in Self.families {
            let size = family.sizes.first { variables[$0] != nil }.map { ($0, number(variables[$0]) ?? 1) }
            // A rank of 2 is one of three at least.
            let rank = family.ranks.first { variables[$0] != nil }.map { ($0, (number(variables[$0]) ?? 0) + 1) }
            let (name, count) = size ?? rank ?? ("", 0)
            guard count > 0 else { continue }
            self.init(family.launcher, name, variables, count)
            return
        }
        guard let claim = Self.slurm(variables) else { return nil }
        self = claim
    }

    private init(
        _ launcher: String, _ name: String, _ variables: [String: String], _ ranks: Int, isCertain: Bool = true
    ) {
        self.launcher = launcher
        evidence = "\(name)=\(variables[name] ?? "")"
        self.ranks = ranks
        self.isCertain = isCertain
    }

    private static let families: [(launcher: String, sizes: [String], ranks: [String])] = [
        ("Open MPI's mpirun", ["OMPI_COMM_WORLD_SIZE"], ["OMPI_COMM_WORLD_RANK"]),
        ("MVAPICH's launcher", ["MV2_COMM_WORLD_SIZE"], ["MV2_COMM_WORLD_RANK"]),
        ("MVAPICH's launcher", ["MVP_COMM_WORLD_SIZE"], ["MVP_COMM_WORLD_RANK"]),
        ("the mpiexec of MPICH or Intel MPI", ["PMI_SIZE"], ["PMI_RANK"]),
        ("the mpiexec of MPICH or Intel MPI", ["MPI_LOCALNRANKS"], ["MPI_LOCALRANKID"]),
        ("LSF's jsrun", ["JSM_NAMESPACE_SIZE"], ["JSM_NAMESPACE_RANK"]),
        ("Flux", ["FLUX_JOB_SIZE"], ["FLUX_TASK_RANK"]),
        ("PALS", [], ["PALS_RANKID"]),
        ("a launcher by PMIx", [], ["PMIX_RANK"]),
    ]

    /// `srun` numbers the steps of a job; numbers of this size stand for the batch script and other things that it did not
    /// start.
    private static let firstSpecialStep = 4_294_967_280

    private static func slurm(_ variables: [String: String]) -> LauncherClaim? {
        let names = ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_NPROCS"]
        let step = (variables["SLURM_STEP_ID"] ?? variables["SLURM_STEPID"]).flatMap(number)
        let process = number(variables["SLURM_PROCID"]) ?? 0
        let isStep = step.map { $0 < firstSpecialStep } ?? (process > 0)
        guard let name = names.first(where: { variables[$0] != nil }), let count = number(variables[name])
        else { return nil }
        return LauncherClaim(
            isStep ? "Slurm's srun" : "Slurm", name, variables, max(count, isStep ? process + 1 : 1), isCertain: isStep)
    }
}

extension LauncherClaim {
    /// What is wrong if this process has come up alone; nil if nothing is, or ``override`` says that it is meant so.
    public static func contradiction(in variables: [String: String]) -> LauncherClaim? {
        guard variables[override] != "1", let claim = LauncherClaim(in: variables), claim.ranks > 1 else { return nil }
        return claim
    }

    /// The variable that says with the value 1 that this process is to run alone.
    public static let override = "LOCKSTEP_ALONE"
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LauncherClaim: CustomStringConvertible {
    public var description: String {
        let advice =
            "start the ranks by Open MPI's mpirun, of the version that this program is linked to, or by srun --mpi=pmix"
        guard isCertain else {
            return "\(launcher) has \(ranks) tasks for this job (\(evidence)), and this process runs alone; to use "
                + "them, \(advice)"
        }
        return "\(launcher) has started \(ranks) processes (\(evidence)), and each of them runs alone, for this Open "
            + "MPI knows of no others: \(advice); if each is to run alone on purpose, set \(Self.override)=1"
    }
}

private func number(_ text: String?) -> Int? { text.flatMap { OutsideNumber($0)?.value } }
