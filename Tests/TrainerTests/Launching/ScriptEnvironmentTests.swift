import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Scripts do what they do whatever their caller's environment and shell options hold, from any folder.
    @Suite struct ScriptEnvironmentTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
            // What the ranks say is what they were given.
            try writeProgram(
                "#!/bin/bash\ntrap 'exit 0' USR1\necho \"ran in $PWD with <$1> and <${SHELLOPTS-}>\"\nexit 3\n",
                to: folder.url("p"))
            // Beside it, the script finds who tells how far a run is.
            try FileManager.default.createSymbolicLink(
                at: folder.url("trainer"), withDestinationURL: URL(filePath: MPIRun.path(of: "trainer")))
            try folder.write("sed() { echo broken; }; grep() { echo broken; }; export -f sed grep\n", to: "env.sh")
        }

        /// A shell's preparation, and then the script by name.
        static let surroundings = [
            "set -Cfu; shopt -s nullglob failglob nocasematch xpg_echo; export SHELLOPTS BASHOPTS CDPATH=/:/usr:$ROOT;",
            "set -t; export SHELLOPTS;", ". ./env.sh; export BASH_ENV=\"$PWD/env.sh\";",
            "export POSIXLY_CORRECT=1 GREP_OPTIONS=-v LC_ALL=nowhere LANG=xx IFS=/ TMPDIR=\"$FOLDER/none\";",
            "export PATH=/nonexistent; unset HOME USER LOGNAME TERM; exec <&-;", "cd \"$ROOT/launch\";",
        ]

        @Test(arguments: surroundings)
        func scriptRunsWhateverSurroundsIt(surroundings: String) throws {
            let outcome = try shell("\(surroundings) \"$SCRIPT\" -n 1 --restarts 08 --program \"$FOLDER/p\" 'a  b*'")
            #expect(outcome.exitCode == 3, "\(outcome)")
            #expect(outcome.output.components(separatedBy: "with <a  b*> and <").count == 3, "\(outcome)")
            #expect(outcome.errors.contains("restart 1 of 8: 1 rank begins anew\n"), "\(outcome)")
            #expect(!outcome.output.contains("privileged>"), "the options of the script are its own: \(outcome)")
        }

        @Test(arguments: [
            "bash \"$SCRIPT\"", "cd \"$ROOT/launch\"; bash run", "ln -s \"$SCRIPT\" l; ./l",
            ". ./env.sh; bash \"$SCRIPT\"",
        ])
        func scriptRunsHoweverItIsCalled(call: String) throws {
            let outcome = try shell("\(call) -n 1 --program \"$FOLDER/p\" x")
            #expect(outcome.exitCode == 3 && outcome.output.contains("with <x>"), "\(outcome)")
        }

        @Test func folderThatIsGoneIsSaid() throws {
            let outcome = try shell("mkdir d; cd d; rmdir ../d; \"$SCRIPT\" -n 1 --program \"$FOLDER/p\"")
            #expect(outcome.exitCode == 1)
            #expect(
                outcome.errors.contains("launch/run: the current folder is gone; change to another one\n"), "\(outcome)"
            )
        }

        @Test(arguments: ["-x", "a %20\n~"])
        func folderOfAnyNameIsLookedInto(name: String) throws {
            let options = "--epochs 1 --save-every-steps 3 --drill throw@rank0:step8"
            let outcome = try shell(
                "\"$SCRIPT\" -n 1 --restarts 1 --program \"$FOLDER/trainer\" \(options) --directory=\"$NAME\"",
                ["NAME": name])
            #expect(outcome.exitCode == 0 && outcome.errors.contains("1 rank carries on after step 6\n"), "\(outcome)")
        }

        private func shell(_ script: String, _ more: [String: String] = [:]) throws -> MPIRunOutcome {
            let root = MPIRun.checkout.path(percentEncoded: false)
            let environment = ["ROOT": root, "SCRIPT": root + "/launch/run", "FOLDER": folder.path.string]
            let words = ["bash", "-c", "cd \"$FOLDER\"; \(script)"]
            return try MPIRun(
                ranks: 1, "p", environment: environment.merging(more) { $1 }, launcher: .command(words), limit: 60
            ).run()
        }
    }
}
