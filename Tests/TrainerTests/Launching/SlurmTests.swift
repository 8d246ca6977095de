import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `launch/slurm/train.sbatch` under commands that do what Slurm's do.
    @Suite struct SlurmTests {
        @Test func runThatMeetsTheEndOfItsTimeIsPutBackIntoTheQueueAndCarriesOn() throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            let first = try slurm.submit(folder.training(ranks: 2).pausing(beforeStep: 6), from: folder)
            // Slurm sends it to each rank, and to nothing else.
            let signal = try slurm.warningSignal()
            try first.whilePaused {
                for rank in 0..<2 { try first.process(ofRank: rank).send(signal) }
            }
            let outcome = try first.wait()
            #expect(outcome.exitCode == 0 && outcome.errors.contains("put back into the queue"), "\(outcome)")
            #expect(try slurm.requeued() == ["requeue 4711"])
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == 6)
            let second = try slurm.submit(folder.training(ranks: 2), from: folder).wait()
            #expect(second.output.contains(" after step 6 of 96\n"), "\(second)")
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == 96)
            #expect(try slurm.requeued() == ["requeue 4711"])
        }

        @Test func anotherProgramIsStartedToo() throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            let run = TrainerRun(
                ranks: 2,
                arguments: [
                    "--program", MPIRun.path(of: "ProgramCases"), "--directory", folder.out.string, "--epochs", "1",
                ])
            let outcome = try slurm.submit(run, from: folder).wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.output.contains("all 2 ranks finished step 4 of 4"), "\(outcome)")
        }

        /// Slurm gives it the same arguments again.
        @Test func runThatWentBackCarriesOnFromItsOwnSetsWhenItIsPutBack() throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            try folder.training(ranks: 1, epochs: 3, ["--save-every-steps", "4"]).finish()
            let back = folder.training(
                ranks: 2, epochs: 3, ["--resume", folder.out.appending("CKP-1_4.manifest.json").string])
            let first = try slurm.submit(back.pausing(beforeStep: 6), from: folder)
            try first.whilePaused {
                for rank in 0..<2 { try first.process(ofRank: rank).send(SIGUSR1) }
            }
            let outcome = try first.wait()
            // It made steps, though fewer than what had been there.
            #expect(outcome.output.contains(" after step 4 of 12\n"), "\(outcome)")
            #expect(try slurm.requeued() == ["requeue 4711"], "\(outcome)")
            let second = try slurm.submit(back, from: folder).wait()
            #expect(second.output.contains("carrying on from LeNet5_train after step 6 of 12\n"), "\(second)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.out.string).allSatisfy {
                    !$0.hasPrefix("slurm")
                })
        }

        /// Slurm has put a preempted job back by itself, and a cancelled one must not go back.
        @Test(arguments: ["PENDING", "CANCELLED"])
        func runThatIsTakenAwaySavesAndStaysWhatSlurmSays(state: String) throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            let running = try slurm.submit(folder.training(ranks: 2, epochs: 10_000), from: folder)
            try running.waitForAnEpoch()
            try slurm.set(state)
            for rank in 0..<2 {
                for signal in [SIGCONT, SIGTERM] { try running.process(ofRank: rank).send(signal) }
            }
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0 && outcome.errors.contains("to Slurm, the job is \(state)"), "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber > 0)
            #expect(try slurm.requeued() == [])
        }

        /// The status is the second task's by then.
        @Test func firstOfTwoTasksOfAnArrayInOneDirectoryIsPutBackToo() throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            let first = try slurm.submit(folder.training(ranks: 2).pausing(beforeStep: 6), from: folder)
            try slurm.replaceStatus(in: folder.out)
            try first.whilePaused {
                for rank in 0..<2 { try first.process(ofRank: rank).send(SIGUSR1) }
            }
            let outcome = try first.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(try slurm.requeued() == ["requeue 4711"])
        }

        @Test func runThatAPersonStoppedStaysStopped() throws {
            let (folder, slurm) = try (TestFolder(), FakeSlurm())
            let running = try slurm.submit(folder.training(ranks: 2, epochs: 10_000), from: folder)
            try running.waitForAnEpoch()
            let checkout = try Checkout()
            let asked = try MPIRun(
                ranks: 1, "trainer", [folder.out.string], launcher: .command([checkout.script("stop")])
            ).run()
            #expect(asked.exitCode == 0, "\(asked)")
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(try slurm.requeued() == [])
        }
    }
}

/// Commands with the names of Slurm's.
private final class FakeSlurm {
    private let folder: TestFolder
    private let checkout: Checkout

    init() throws {
        folder = try TestFolder()
        checkout = try Checkout()
        try set("RUNNING")
        try writeProgram(
            """
            #!/bin/bash
            [[ $1 != --mpi=list ]] || { echo 'none cray_shasta pmi2 pmix' && exit; }
            while [[ $1 == --* ]]; do shift; done
            # Beside these, mpirun would look for a Slurm.
            unset "${!SLURM_@}"
            start=(mpirun -q --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 -n 2 "$@")
            [[ -e \(folder.path)/other ]] || exec "${start[@]}"
            code=0
            "${start[@]}" || code=$?
            cp \(folder.path)/other "$(<\(folder.path)/out)/status.json"
            exit "$code"
            """, to: folder.url("srun"))
        try writeProgram(
            """
            #!/bin/bash
            case $1 in
                show) echo "JobId=$SLURM_JOB_ID JobName=lockstep JobState=$(<\(folder.path)/state) Reason=None" ;;
                *) echo "$*" >>\(folder.path)/calls ;;
            esac
            """, to: folder.url("scontrol"))
    }

    /// What Slurm says of the job.
    func set(_ state: String) throws { try folder.write(state, to: "state") }

    /// Lets the status of another run be there once the ranks have left.
    func replaceStatus(in directory: FilePath) throws {
        try folder.write(directory.string, to: "out")
        try folder.write("{\n  \"state\" : \"running\",\n  \"step\" : 6\n}\n", to: "other")
    }

    /// How the script called `scontrol` to change something.
    func requeued() throws -> [Substring] {
        guard let calls = try? String(contentsOf: folder.url("calls"), encoding: .utf8) else { return [] }
        return calls.split(separator: "\n")
    }

    /// Runs the batch script; `sbatch` runs a copy of it.
    func submit(_ run: TrainerRun, from work: TestFolder) throws -> RunningMPI {
        let script = folder.url("slurm_script")
        if !FileManager.default.fileExists(atPath: script.path(percentEncoded: false)) {
            try FileManager.default.copyItem(at: batchScript, to: script)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment = [
            "PATH": "\(folder.path):\(path)", "SLURM_JOB_ID": "4711", "SLURM_SUBMIT_DIR": checkout.path,
        ]
        let batch = MPIRun(
            ranks: run.ranks, "trainer", run.arguments, environment: environment,
            launcher: .command(["bash", script.path(percentEncoded: false)]), limit: 120)
        return try batch.start()
    }

    /// The signal that the script asks Slurm for, which must be one for the ranks and not (`B:`) for the script.
    func warningSignal() throws -> Int32 {
        let text = try String(contentsOf: batchScript, encoding: .utf8)
        let line = try #require(text.firstMatch(of: /#SBATCH --signal=([A-Z0-9]+)@[0-9]+\n/))
        #expect(line.1 == "USR1")
        return SIGUSR1
    }

    private let batchScript = MPIRun.checkout.appending(path: "launch/slurm/train.sbatch")
}
