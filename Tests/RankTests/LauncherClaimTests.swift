import OpenMPI
import Testing

/// What the variables of a process say about how many there are.
struct LauncherClaimTests {
    @Test(
        arguments: [
            ["PMI_RANK": "1", "PMI_SIZE": "3"],
            ["PMI_RANK": "2"],
            ["MPI_LOCALNRANKS": "3", "MPI_LOCALRANKID": "0"],
            ["MV2_COMM_WORLD_SIZE": "3", "MV2_COMM_WORLD_RANK": "0"],
            ["MVP_COMM_WORLD_SIZE": "3"],
            ["OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "0"],
            ["PMIX_RANK": "2"],
            ["FLUX_JOB_SIZE": "3"], ["PALS_RANKID": "2"], ["JSM_NAMESPACE_SIZE": "3"],
            ["SLURM_PROCID": "2", "SLURM_NTASKS": "3", "SLURM_STEP_ID": "0", "SLURM_JOB_ID": "5"],
            ["SLURM_STEP_ID": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "8"],
            ["SLURM_PROCID": "2", "SLURM_NTASKS": "3"],
        ])
    func launcherThatStartedSeveralIsBelieved(variables: [String: String]) throws {
        let claim = try #require(LauncherClaim.contradiction(in: variables))
        #expect(claim.ranks == 3 && claim.isCertain, "\(claim)")
        #expect(variables.contains { claim.evidence == "\($0)=\($1)" } && "\(claim)".contains(claim.evidence))
        // Whoever wants that says so.
        #expect(LauncherClaim.contradiction(in: variables.merging(["LOCKSTEP_ALONE": "1"]) { $1 }) == nil)
    }

    @Test(
        arguments: [
            [:], ["PMI_RANK": "0", "PMI_SIZE": "1"], ["OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0"],
            // One rank by mpirun, in a job and a step of more.
            ["OMPI_COMM_WORLD_SIZE": "1", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "4", "SLURM_PROCID": "3"],
            ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"],
            ["SLURM_JOB_ID": "5", "SLURM_NTASKS": "1", "SLURM_PROCID": "0"],
            ["SLURM_JOB_ID": "5", "SLURM_NTASKS": "four"], ["PMI_SIZE": "many"],
        ])
    func oneAloneIsNoContradiction(variables: [String: String]) {
        #expect(LauncherClaim.contradiction(in: variables) == nil)
    }

    @Test(arguments: [
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-1", "nan", "1e308", "", " ", "0x10",
        "١٢",
    ])
    func numbersOfALauncherMayBeAnything(value: String) {
        for name in [
            "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK", "SLURM_PROCID",
            "SLURM_NTASKS", "SLURM_STEP_ID", "PALS_RANKID", "MPI_LOCALRANKID",
        ] {
            for others in [[:], ["SLURM_NTASKS": "4", "SLURM_STEP_ID": "0"]] {
                _ = LauncherClaim.contradiction(in: others.merging([name: value]) { $1 })?.description
            }
        }
    }

    /// A batch script, or a shell in an allocation: nobody has started several, or nobody can know.
    @Test(
        arguments: [
            ["SLURM_JOB_ID": "5", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"],
            ["SLURM_NTASKS": "4", "SLURM_STEP_ID": "4294967291", "SLURM_PROCID": "0"],
            ["SLURM_NPROCS": "4"],
        ])
    func tasksOfASlurmJobAreOnlySaid(variables: [String: String]) throws {
        let claim = try #require(LauncherClaim.contradiction(in: variables))
        #expect(claim.ranks == 4 && !claim.isCertain)
        #expect("\(claim)".contains("this process runs alone"))
    }
}
