import Checkpoints
import Foundation
import MPITestKit
import Records
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// What the system does not give costs a sentence and a documented code, and nothing that is published.
    @Suite struct LimitTests {
        private let folder: TestFolder
        private let run = "trainer --data data --threads 1 --directory out"

        init() throws {
            folder = try TestFolder()
        }

        /// Without a handler, SIGXFSZ would kill.
        @Test func limitOfFilesIsAFailureInOneSentence() throws {
            try #require(try folder.shell("\(run) --epochs 1").exitCode == 0)
            let before = try SavedSet(in: folder.out, ranks: 1)
            let outcome = try folder.shell("ulimit -f 100; \(run) --epochs 2")
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(
                outcome.errors.contains(/trainer: error: cannot write [^ ]+: File too large\n$/), "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == before.manifest)
            #expect(RunStatus.read(in: folder.out)?.state == .failed)
        }

        @Test func processorTimeThatIsAlmostOverIsARequestToStop() throws {
            let outcome = try folder.shell("ulimit -t 4; \(run) --epochs 1000000")
            #expect(outcome.exitCode == 0, "\(outcome)")
            let status = try #require(RunStatus.read(in: folder.out))
            #expect(status.state == .stopped && status.request?.explanation == "SIGXCPU")
        }

        @Test func memoryThatIsNotThereIsSaid() throws {
            let outcome = try folder.shell(
                "ulimit -v 4000000; trainer --model gpt --width 2000000 --heads 2 --layers 1 --threads 1")
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(
                outcome.errors.contains(/has no memory for a buffer of [0-9]+ bytes: Cannot allocate memory\n$/),
                "\(outcome)")
        }

        @Test(arguments: [4, 6, 8, 10, 16, 24])
        func fewFilesThatMayBeOpenAreEnoughOrASentence(count: Int) throws {
            let outcome = try folder.shell("ulimit -n \(count); \(run) --epochs 1")
            #expect(outcome.exitCode == 0 || outcome.errors.contains("Too many open files"), "\(outcome)")
            #expect([0, 1, 78].contains(outcome.exitCode), "\(outcome)")
        }

        /// A path is whatever bytes the system takes for one.
        @Test(arguments: ["$'\\xff'", "' %20 ~'", "$'a\\nb'", "-x"])
        func directoryOfAnyNameIsWrittenToAndCarriedOnFrom(name: String) throws {
            let outcome = try folder.shell(
                """
                d=\(name); run() { trainer --data data --threads 1 --directory="$d" "$@"; }
                run --epochs 1 && [[ -e ./$d/status.json ]] && set -- * && (($# == 2)) && run --epochs 2
                """)
            #expect(outcome.exitCode == 0 && outcome.output.contains("carrying on from"), "\(outcome)")
        }
    }
}
