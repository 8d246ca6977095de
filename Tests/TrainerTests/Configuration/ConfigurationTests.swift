import Foundation
import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// What a configuration file gives, what the command line gives beside it, and what both come to.
    @Suite struct ConfigurationTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test func configurationReadsBackToItself() throws {
            let words = """
                --model gpt --layers 4 --learning-rate 0.10 --seed 007 --stop-signal TERM --stop-signal 10 --no-save-mindir \
                --save-every-steps 2 --append 'note=a: "b" #c, *d' --append $'two=x\\ny' --append 'tail=z:' \
                --drill 'sigterm@rank0:step3; slow@rank0:everystep:1ms' --data $'d\\xff' --clip 1e-3 --prefix null
                """
            let outcome = try folder.shell(
                "trainer config \(words) >a.yaml && trainer config --config a.yaml >b.yaml && cmp a.yaml b.yaml && cat a.yaml"
            )
            #expect(outcome.exitCode == 0, "\(outcome)")
            let lines = outcome.output.split(separator: "\n")
            for line in [
                "model: gpt", "data: \"d\\U0010FFFF\"", "seed: 007", "directory: out", "stop-signal: [TERM, 10]",
                "gpt:", "  layers: 4", "  untied-head: false", "optimizer:", "  learning-rate: 0.10", "mindir:",
                "  save-mindir: false", "  clip: 1e-3", "  prefix: \"null\"", "  save-optimizer: true",
                "  append: [\"note=a: \\\"b\\\" #c, \\x2Ad\", \"two=x\\ny\", \"tail=z:\"]",
            ] {
                #expect(lines.contains { $0 == line }, "\(line)\n\(outcome)")
            }
        }

        @Test func commandLineWins() throws {
            try folder.write(
                """
                # Comments are for people.
                epochs: 3
                stop-signal: [INT, HUP]
                steps:
                  clip: "0.5"
                  accumulate: 2
                stopping:
                  # max-time: 1h
                checkpoints:
                  save-every-steps: 5
                  crc: yes-or-no
                mindir:
                  save-mindir: false
                """.replacing("yes-or-no", with: "True"), to: "run.yaml")
            let outcome = try folder.shell(
                "trainer config --config run.yaml --epochs 7 --stop-signal TERM --save-mindir --accumulate=1")
            #expect(outcome.exitCode == 0, "\(outcome)")
            let lines = outcome.output.split(separator: "\n")
            for line in [
                "epochs: 7", "stop-signal: [TERM]", "  clip: 0.5", "  accumulate: 1", "  save-every-steps: 5",
                "  crc: true", "  save-mindir: true",
            ] {
                #expect(lines.contains { $0 == line }, "\(line)\n\(outcome)")
            }
        }

        @Test(arguments: [
            ("epoch: 3", 1, "no option is called 'epoch'; the nearest is 'epochs'"),
            ("epochs: 3\nclip: 1", 2, "'clip' stands in the group 'steps', not at the top level"),
            ("steps:\n  epochs: 3", 2, "'epochs' stands at the top level, not in the group 'steps'"),
            ("stoping:\n  max-time: 1h", 2, "'max-time' stands in the group 'stopping', not in the group 'stoping'"),
            ("stoping:\n  max: 1h", 2, "no group is called 'stoping'; the nearest is 'stopping'"),
            ("steps.clip: 1", 1, "'steps.clip' stands in the group 'steps', not at the top level"),
            ("prompt: war", 1, "'prompt' stands in the group 'generate', not at the top level"),
            ("stopping: 1h", 1, "'stopping' is a group, which holds options and no value"),
            (
                "mindir:\n  no-save-mindir: true", 2,
                "'no-save-mindir' is no key: write 'save-mindir: false' in the group"
            ),
            ("config: a.yaml", 1, "a configuration file cannot name another by 'config'"),
            ("epochs: 3\nepochs: 4", 1, "'epochs' is given twice"),
            ("epochs: 3\n\"epochs\": 4", 1, "'epochs' is given twice"),
            ("epochs: !x 3\n!y epochs: 4", 2, "'epochs' is given in line 1 already"),
            ("epochs:", 1, "'epochs' has no value"), ("epochs: ~", 1, "'epochs' has no value"),
            ("epochs: [3]", 1, "'epochs' takes one value, and has a list of them"),
            ("epochs:\n  many: 3", 2, "no group is called 'epochs'"),
            ("checkpoints:\n  crc: yes", 2, "'crc' is a flag: it must be true or false, not 'yes'"),
            ("checkpoints:\n  crc: [true]", 2, "'crc' is a flag: it must be true or false"),
            ("steps:\n  deep:\n    deeper: 1", 2, "'steps.deep' is a group in a group"),
            ("stop-signal: [[TERM]]", 1, "a list holds another list or a group; it may hold values alone"),
            ("directory: \"a\\0b\"", 1, "'directory' has a zero byte in its value"),
            ("? [a, b]\n: 3", 1, "a key is no text but a list or a group"),
            ("a: &x 1", 1, "'&x' is an anchor; a configuration file has no anchors and no aliases"),
            ("epochs: &x 1\nseed: *x", 1, "'&x' is an anchor"), ("<<: {epochs: 3}", 1, "'<<' merges keys"),
            ("epochs: 3\n  seed: 4", 2, "it is no YAML that can be read: mapping values are not allowed"),
            ("epochs: \"3", 1, "it is no YAML that can be read: "), ("a: 1\n---\nb: 2", 2, "it is no YAML"),
            ("\u{1}", 1, "it is no YAML that can be read: control characters are not allowed"),
            ("- epochs", 1, "it must hold options by their names, as in 'epochs: 20', and begins otherwise"),
            ("hello", 1, "it must hold options by their names"),
        ])
        func fileThatCannotBeUsedCostsASentence(text: String, line: Int, sentence: String) throws {
            try folder.write(text, to: "run.yaml")
            let outcome = try folder.shell("trainer config --config run.yaml")
            try expectRefusal(outcome, "run.yaml, line \(line): \(sentence)")
        }

        /// What an option is given arrives as the text that stands in the file, so that 0x10 is no 16 and 1e3 no 1000.
        @Test(arguments: [
            ("epochs: 0x10", "epochs"), ("epochs: 1e3", "epochs"), ("epochs: 1_000", "epochs"),
            ("epochs: 1.0", "epochs"),
            ("epochs: true", "epochs"), ("epochs: 2026-11-27", "epochs"), ("model: resnet", "model"),
            ("stop-signal: [TERM, FOO]", "stop-signal"),
        ])
        func valueThatTheOptionCannotHaveIsSaidOfTheLine(text: String, option: String) throws {
            try folder.write("# what\n" + text, to: "run.yaml")
            let outcome = try folder.shell("trainer config --config run.yaml")
            try expectRefusal(outcome, "run.yaml, line 2: The value '")
            #expect(outcome.errors.contains(" is invalid for '--\(option)"), "\(outcome)")
        }

        @Test func valueOutOfRangeIsSaidOfTheLineUnlessItIsOnTheCommandLine() throws {
            try folder.write("steps:\n  accumulate: 0\n", to: "run.yaml")
            try expectRefusal(
                folder.shell("trainer config --config run.yaml"),
                "run.yaml, line 2: --accumulate is 0; it must be at least 1\n")
            let words = try folder.shell("trainer config --config run.yaml --accumulate 0")
            #expect(words.exitCode == 64, "\(words)")
            #expect(words.errors.hasPrefix("Error: --accumulate is 0; it must be at least 1\n"), "\(words)")
            let other = try folder.shell("trainer config --config run.yaml --accumulate 2 --epoch 3")
            #expect(other.exitCode == 64 && other.errors.hasPrefix("Error: Unknown option '--epoch'"), "\(other)")
        }

        @Test(arguments: [
            ("config --config none.yaml", "cannot open none.yaml: No such file or directory"),
            ("config --config data", "cannot open data: it is not a regular file"),
            ("config --config picture", "picture: it is no text in UTF-8, so it is no configuration file"),
            ("config --config utf16", "utf16: it is no text in UTF-8, so it is no configuration file"),
            ("config --config large", "cannot read large: it has 1048577 bytes, and 1048576 are allowed"),
            ("config --config bomb", "bomb: 27 words in it begin with '*'"),
            ("config --config pipe", "cannot open pipe: it is not a regular file"),
            ("config --config deep", "deep, line 1: it is no YAML that can be read: "),
            ("evaluate --config none.yaml", "cannot open none.yaml: No such file or directory"),
            ("generate --config none.yaml", "cannot open none.yaml: No such file or directory"),
            ("export --config none.yaml", "cannot open none.yaml: No such file or directory"),
        ])
        func otherFilesCostASentence(words: String, sentence: String) throws {
            let outcome = try folder.shell(
                """
                printf '\\x89PNG\\r\\n' >picture; printf '\\xff\\xfee\\0' >utf16; head -c 1048577 /dev/zero >large; mkfifo pipe
                { echo 'a: &a [x, x]'; for i in 1 2 3 4 5 6 7 8 9; do echo "b$i: &b$i [*a, *a]"; echo "? *b$i"; done; } >bomb
                head -c 100000 /dev/zero | tr '\\0' '[' >deep
                trainer \(words)
                """)
            try expectRefusal(outcome, sentence)
        }

        @Test(arguments: [
            ("--config '' ", "--config is empty; it must be a path"),
            ("--config a.yaml --config b.yaml", "--config is given 2 times; a run has one file"),
            ("--config", "Missing value for '--config <file>'"),
        ])
        func optionThatNamesNoFileCostsASentence(words: String, sentence: String) throws {
            let outcome = try folder.shell("trainer config \(words)")
            #expect(outcome.exitCode == 64 && outcome.errors.hasPrefix("Error: \(sentence)"), "\(outcome)")
        }

        private func expectRefusal(_ outcome: MPIRunOutcome, _ sentence: String) throws {
            #expect(outcome.exitCode == 78, "\(outcome)")
            #expect(outcome.errors.hasPrefix("trainer: error: \(sentence)"), "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
            #expect(outcome.output == "", "\(outcome)")
        }
    }
}
