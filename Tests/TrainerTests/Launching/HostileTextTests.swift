import Checkpoints
import Files
import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// No script runs what stands in a file, a variable, a process or another host's answer.
    @Suite struct HostileTextTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
        }

        /// A file that is there once a command was run that nobody wrote.
        private var mark: String { folder.path.appending("was-run").string }

        /// What bash runs where it reckons with it, or expands it once more.
        private var payload: String { "UID[$(touch \(mark))0]" }

        private func expectNothingRan(_ outcome: MPIRunOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
            let wasRun = FileManager.default.fileExists(atPath: mark)
            #expect(!wasRun, "\(outcome)", sourceLocation: sourceLocation)
        }

        private var directory: String { path("out") }

        private func path(_ name: String) -> String { folder.url(name).path(percentEncoded: false) }

        /// As it was planted for `train.sbatch`, as text of JSON, and in a file that is whole otherwise.
        @Test(arguments: 0..<3) func filesOfARunAreNotRun(kind: Int) throws {
            let fields = [
                "state", "step", "stepsMade", "generation", "reason", "launch", "processIdentifier", "byteCount",
                "resumable",
            ]
            let quotes = kind == 0 ? "" : "\""
            let text =
                "{\n" + fields.map { "  \"\($0)\" : \(quotes)\(payload)\(quotes)" }.joined(separator: ",\n") + "\n}\n"
            let whole = #"""
                {"state":"failed","step":0,"updated":"2026-01-01T00:00:00Z","resumable":true,"reason":"\#(payload)",
                "launch":"\#(payload)","run":"\#(payload)","processes":[]}
                """#
            for name in ["status.json", "a.manifest.json"] {
                try folder.write(kind == 2 && name == "status.json" ? whole : text, to: "out/\(name)")
            }
            let outcome = try runLaunchParts(
                """
                trainer=$TRAINER directory=\(directory) launch_time=0 restarts=2 code=1 ranks=4 all_ranks=4 size_of_set=
                report() { echo "$*"; }
                program_arguments=(--directory "$directory" --tp '\(payload)' --dp '\(payload)'
                    --requeue-exit-code '\(payload)' --stop-signal '\(payload)')
                choose_stop_signal
                newest_step; sets_mark; has_failed; was_stopped; is_worth_repeating
                is_allowed_again; describe_restart; describe_step "$(newest_step)"
                hosts=(a b) slots=(2 2) lost_hosts=(b); fit_ranks
                find_size_of_set; check_run_here
                """, and: ["checks/machine", "checks/ranks"])
            expectNothingRan(outcome)
            #expect(outcome.output.hasPrefix("0\n"), "\(outcome)")
        }

        @Test func numbersOfSetsComeFromTheTrainer() throws {
            let set = try SavedSet(publishedIn: folder)
            let outcome = try runLaunchParts(
                """
                trainer=$TRAINER directory=\(directory) size_of_set= program_arguments=(--directory \(directory))
                newest_step; find_size_of_set; echo "$size_of_set"
                trainer=/none program=/none; newest_step; describe_step "$(newest_step)"
                """, and: ["checks/machine"])
            let size = set.manifest.files.map(\.byteCount).reduce(0, +)
            let step = set.manifest.checkpoint.progress.step
            #expect(outcome.output == "\(step)\n\(size)\nwith nothing published in between\n", "\(outcome)")
        }

        /// A status file of a process, a group of processes, and what the scripts' tools print.
        @Test func processesAndToolsAreNotRun() throws {
            for name in ["fake/task/1", "group/cpu"] {
                try FileManager.default.createDirectory(at: folder.url(name), withIntermediateDirectories: true)
            }
            for (name, text) in [
                ("fake/status", "State:\t\(payload)\nPPid:\t\(payload)\nSigCgt:\t\(payload)\n"),
                ("fake/task/1/children", "\(payload) \(payload)"), ("fake/comm", payload), ("fake/cmdline", payload),
                ("group/cpu.max", "\(payload) \(payload)"), ("group/memory.max", payload),
                ("group/cpu/cpu.cfs_quota_us", payload), ("group/cpu/cpu.cfs_period_us", payload),
            ] { try folder.write(text, to: name) }
            let outcome = try runLaunchParts(
                """
                directory=\(directory) size_of_set='' save_seconds='' process=../\(path("fake")) cgroup_root=\(path("group"))
                report() { echo "$*"; }; in_bytes() { echo "$1"; }
                compute() { awk -v a="$2" -v b="${3-}" "BEGIN { print $1 }"; }
                is_less() { [[ $(compute 'a < b' "$1" "$2") == 1 ]]; }
                is_running "$process"; catches_usr1 "$process"; mapfile -t tree < <(tree_of "../\(path("fake"))/.."); find_above "$process"
                quota_of_cores; limits memory.max memory memory.limit_in_bytes
                nproc() { echo '\(payload)'; }; env() { nproc; }; lscpu() { nproc; }; df() { nproc; }; sed() { nproc; }
                wc() { nproc; }
                core_count; check_memory; size_of_set=1000; check_disk; report_space "$(number "$(df)")"
                mask '\(payload)'; number '\(payload)'
                """, and: ["checks/machine", "checks/ranks"])
            expectNothingRan(outcome)
            #expect(outcome.output.hasSuffix("0\n0\n"), "\(outcome)")
        }

        /// What another host answers becomes words of a command there: the agent runs what it is asked to.
        @Test func answersOfHostsAreNotRun() throws {
            try writeProgram(
                """
                #!/bin/bash
                shift
                case $* in
                    kill*) sh -c "$*" ;;
                    *) cat >/dev/null
                       printf '%s\\n' '0 1 1;touch${IFS}\(mark) 1 1' '0 1 $(touch${IFS}\(mark)) 1 1' '\(payload)' \\
                           '0 1 `touch${IFS}\(mark)` 1 1' '0 1 999999 1 1' ;;
                esac
                """, to: folder.url("agent"))
            try folder.write("far.example slots=2\n", to: "hosts")
            let outcome = try runLaunchParts(
                """
                hostfile=\(path("hosts")) mpirun_extra=() LOCKSTEP_LAUNCH=none stop_signal=USR1
                find_listeners | tee /dev/stderr | ask_directly
                report() { echo "$*"; }; directory=\(directory); is_less() { false; }
                check_host far.example 2 "\(directory)/a'; touch \(mark); '" version
                """, and: ["checks/allocation"],
                environment: ["OMPI_MCA_plm_rsh_agent": path("agent")])
            expectNothingRan(outcome)
            #expect(outcome.errors.contains("far.example 999999 \n"), "\(outcome)")
        }

        @Test(arguments: [
            "-oProxyCommand=touch", "a/;e", "$(id)", "a;b", "a slots=1234567", "a slots=99999999999999999999", "a'b",
            "a&b",
        ])
        func hostsThatAreNoNamesAreRefused(line: String) throws {
            try folder.write("good slots=2\n[fe80::1] slots=1\nuser@10.0.0.1\n\(line)\n", to: "hosts")
            let outcome = try runLaunchParts("read_hosts \(path("hosts")); echo went on")
            #expect(outcome.exitCode == 64 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("the host file \(path("hosts")) "), "\(outcome)")
        }

        @Test func variablesOfTheEnvironmentAreNotRun() throws {
            let names = [
                "LOCKSTEP_EARLY_SIGNALS", "LOCKSTEP_RESTART", "LOCKSTEP_LAUNCH", "LOCKSTEP_HANG_TIMEOUT",
                "SLURM_JOB_ID",
                "SLURM_NTASKS", "SLURM_JOB_NUM_NODES", "SLURM_JOB_PARTITION", "SLURM_CPUS_PER_TASK", "SECONDS",
                "EPOCHREALTIME", "COLUMNS", "OMPI_MCA_odls_base_sigkill_timeout", "OMPI_MCA_oob_tcp_keepalive_time",
                "KUBERNETES_SERVICE_HOST", "OMP_NUM_THREADS", "LOCKSTEP_TERMINAL", "OMPI_COMM_WORLD_RANK",
            ]
            let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, payload) })
            let script = try Checkout()
            for words in [
                [script.script("run"), "-n", "1", "--program", "/bin/true"],
                [script.script("stop"), directory, "--list"],
                [script.script("run"), "-n", payload], [script.script("run"), "--restarts", payload],
                [script.script("doctor"), "--grace", payload], [script.script("doctor"), "--checkpoint-size", payload],
                ["bash", script.script("slurm/train.sbatch")],
            ] {
                let outcome = try MPIRun(
                    ranks: 1, "trainer",
                    environment: environment.merging(["SLURM_SUBMIT_DIR": script.path]) { $1 },
                    launcher: .command(words), limit: 60
                ).run()
                expectNothingRan(outcome)
            }
        }

        /// What the batch script is told of a run by whatever answers for the trainer, and by Slurm.
        @Test func answersToTheBatchScriptAreNotRun() throws {
            let script = try Checkout(isBuilt: false)
            let bin = script.path + "/../bin/"
            try writeProgram(
                """
                #!/bin/bash
                case $4 in state) echo stopped ;; resumable) echo true ;; reason) echo 'a signal' ;; *) echo '\(payload)' ;; esac
                """, to: URL(filePath: script.path + "/.build/release/trainer"))
            try writeProgram("#!/bin/bash\necho pmix\n", to: URL(filePath: bin + "srun"))
            try writeProgram("#!/bin/bash\necho 'JobState=\(payload)'\n", to: URL(filePath: bin + "scontrol"))
            try folder.write(payload, to: "out/slurm-4711.begin")
            let outcome = try MPIRun(
                ranks: 1, "trainer", ["--directory", directory, "--resume", "never"],
                environment: script.environment.merging(["SLURM_JOB_ID": "4711", "SLURM_SUBMIT_DIR": script.path]) {
                    $1
                },
                launcher: .command(["bash", script.script("slurm/train.sbatch")]), limit: 60
            ).run()
            expectNothingRan(outcome)
        }

        /// Folders that a killed mpirun is said to have left, whoever has made them.
        @Test func leftoversWithTextForNumbersAreNeitherRunNorFollowed() throws {
            let host = ProcessInfo.processInfo.hostName
            let session = "ompi.\(host).\(getuid())"
            for name in [
                "\(session)/pid.1234567", "\(session)/jf.$(touch mark)", "\(session)/jf.0x1", "mine/pid.7654321",
            ] {
                try FileManager.default.createDirectory(at: folder.url(name), withIntermediateDirectories: true)
            }
            try folder.write("\(payload).0;x:\(payload)\nx\n", to: "\(session)/pid.1234567/contact.txt")
            let script = Checkout.path(of: "launch/on-host/leftovers")
            let run = { (folder: String) in
                try MPIRun(
                    ranks: 1, "trainer", environment: ["TMPDIR": folder], launcher: .command(["sh", script]), limit: 60
                ).run()
            }
            expectNothingRan(try run(folder.path.string))
            // A link in the place of the folder leads to what is somebody else's.
            try FileManager.default.removeItem(at: folder.url(session))
            try FileManager.default.createSymbolicLink(
                at: folder.url(session), withDestinationURL: folder.url("mine"))
            expectNothingRan(try run(folder.path.string))
            #expect(FileManager.default.fileExists(atPath: path("mine/pid.7654321")))
        }

        @Test func whatIsShownMovesNoCursor() throws {
            let outcome = try runLaunchParts(
                #"say $'a\e[31mb\rc\nd \xc2\x9b \xe2\x80\xae \xe2\x80\xa8 \xef\xbb\xbf \xf3\xa0\x81\x81 ünïcode × 日本'"#)
            #expect(
                outcome.errors == "launch/parts: a?[31mb?c?d ? ? ? ? ? ünïcode × 日本\n", "\(outcome.errors.visible)")
        }
    }
}
