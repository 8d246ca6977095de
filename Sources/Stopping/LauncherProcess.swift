import Files
import Foundation
import Glibc

/// The process that started the ranks of this machine and ends them: mpirun, its daemon, or Slurm's.
///
/// It need not be the parent: `timeout`, a shell, `strace` may stand between.
enum LauncherProcess {
    /// The names of launchers, as far as the kernel keeps a process's name.
    private static let names: Set = [
        "mpirun", "mpiexec", "orterun", "orted", "prterun", "prte", "prted", "prun", "mpirun.openmpi",
        "mpiexec.openmpi", "mpirun.mpich", "mpiexec.mpich", "mpiexec.hydra", "hydra_pmi_proxy", "srun", "slurmstepd",
    ]

    /// The nearest ancestor of this process that is a launcher: the server of PMIx, if the environment names it, or one known by
    /// name; the parent if there is none.
    static func find(
        parent: Int32 = getppid(), server: Int32? = pmixServer(in: ProcessInfo.processInfo.environment),
        table: ProcessTable
    ) -> Int32 {
        var ancestors = [parent]
        while let last = ancestors.last, last > 1, ancestors.count < 64, let next = table.parent(of: last) {
            ancestors.append(next)
        }
        if let server, ancestors.contains(server) { return server }
        return ancestors.first { table.name(of: $0).map(names.contains) ?? false } ?? parent
    }

    /// The process of the server that Open MPI's ranks talk to, which its shared memory is named after.
    static func pmixServer(in variables: [String: String]) -> Int32? {
        ["PMIX_DSTORE_21_BASE_PATH", "PMIX_DSTORE_ESH_BASE_PATH"].lazy.compactMap { variables[$0] }
            .compactMap { $0.split(separator: "_").last.flatMap { Int32($0) } }.first
    }
}
