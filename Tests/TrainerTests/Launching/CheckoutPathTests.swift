import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Wherever the checkout lies, and by whatever name its scripts are called.
    @Suite struct CheckoutPathTests {
        @Test func pathMayHoldAnythingThatAPathCan() throws {
            let checkout = try Checkout(named: "a b'c\"d $e ü")
            let folder = try TestFolder()
            let run = MPIRun(
                ranks: 2, "trainer", folder.training(ranks: 2, epochs: 2).arguments, environment: checkout.environment,
                launcher: .command([checkout.script("run"), "-n", "2"]), limit: 120)
            let outcome = try run.run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            _ = try SavedSet(in: folder.out, ranks: 2)
            let asked = try MPIRun(
                ranks: 1, "trainer", [folder.out.string, "--list"], launcher: .command([checkout.script("stop")])
            ).run()
            #expect(asked.exitCode == 0 && asked.output == "no requests\n", "\(asked)")
        }

        @Test(arguments: ["run", "stop", "doctor", "drill", "test"])
        func scriptsAreFoundThroughALinkInThePath(name: String) throws {
            let checkout = try Checkout()
            let link = checkout.bin.appending("a-\(name)").string
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: Checkout.path(of: "launch/\(name)"))
            let outcome = try MPIRun(
                ranks: 1, "trainer", ["--help"], environment: checkout.environment,
                launcher: .command(["a-\(name)"]), limit: 60
            ).run()
            #expect(outcome.exitCode == 0 && outcome.output.contains("launch/\(name) "), "\(outcome)")
        }

        /// What is built is used, also where there is no compiler.
        @Test(.enabled(if: TwoHosts.isAllowed, "only root may make a read-only file system"))
        func checkoutThatCannotBeWrittenToIsUsedAsItIsOrRefusedInOneSentence() throws {
            let (built, empty) = try (Checkout(building: "exit 1"), Checkout(isBuilt: false))
            let outcome = try run(["--version"], in: built, mounted: "ro")
            #expect(outcome.exitCode == 0 && !outcome.output.isEmpty, "\(outcome)")
            let refusal = "launch/run: the checkout \(empty.path) cannot be written to, and no trainer is built there"
            let refused = try run(["--version"], in: empty, mounted: "ro")
            #expect(refused.exitCode == 1 && refused.errors.hasPrefix(refusal), "\(refused)")
            #expect(refused.errors.split(separator: "\n").count == 1, "\(refused)")
        }

        @Test(.enabled(if: TwoHosts.isAllowed, "only root may mount a file system"))
        func checkoutFromWhichNothingCanBeStartedIsRefusedInOneSentence() throws {
            let checkout = try Checkout()
            let outcome = try run(["--version"], in: checkout, mounted: "noexec")
            let sentence = "launch/run: the checkout \(checkout.path) lies on a file system that is mounted noexec: "
            #expect(outcome.exitCode == 1 && outcome.errors.hasPrefix(sentence), "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }

        private func run(_ words: [String], in checkout: Checkout, mounted option: String) throws -> MPIRunOutcome {
            let mount = #"mount --bind "$0" "$0" && mount -o remount,bind,\#(option) "$0" && exec bash "$@""#
            return try MPIRun(
                ranks: 1, "trainer", ["--"] + words, environment: checkout.environment,
                launcher: .command([checkout.script("run"), "-n", "1"]),
                prefix: ["unshare", "--mount", "sh", "-c", mount, checkout.path], limit: 60
            ).run()
        }
    }
}
