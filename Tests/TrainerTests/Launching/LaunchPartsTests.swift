import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Functions of `launch/*.sh` by themselves, where a whole run would take too long.
    @Suite struct LaunchPartsTests {
        @Test func mpirunThatStaysAfterTermIsKilledAfterTheStatedTime() throws {
            let outcome = try runLaunchParts(
                """
                trap '' TERM; sleep 100 & mpirun=$!; trap - TERM
                seconds_to_kill=-1 mpirun_extra=() LOCKSTEP_LAUNCH=none
                end_ranks
                wait "$mpirun" 2>/dev/null || echo "$?"
                """)
            #expect(outcome.output == "137\n", "\(outcome)")
            #expect(outcome.errors.contains("mpirun has not ended 1 s after TERM: killing it"), "\(outcome)")
        }

        @Test func mpirunThatStaysAfterItsRanksReportedTheirFailureIsEnded() throws {
            let folder = try TestFolder()
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
            try folder.write(
                #"{"state":"failed","step":7,"updated":"2026-01-01T00:00:00Z","resumable":false,"processes":[]}"#,
                to: "out/status.json")
            let outcome = try runLaunchParts(
                """
                sleep 100 & mpirun=$!
                trainer=$TRAINER
                mpirun_extra=() program_arguments=(--directory \(folder.out)) seconds_to_look=0.1 seconds_to_leave=0
                launch_time=0; watch_for_failure
                wait "$mpirun" 2>/dev/null || echo "$?"
                sleep 1 & mpirun=$!
                launch_time=$EPOCHREALTIME; watch_for_failure
                wait "$mpirun" && echo "left alone"
                """)
            #expect(outcome.output == "143\nleft alone\n", "\(outcome)")
        }

        @Test(arguments: [
            ("", "USR1"), ("--stop-signal TERM", "TERM"), ("--stop-signal=sigint", "INT"), ("--stop-signal 15", "TERM"),
            ("--stop-signal TERM --stop-signal 10", "USR1"), ("--stop-signal nonsense", "USR1"),
        ])
        func signalOfARequestIsOneThatTheProgramListensTo(words: String, signal: String) throws {
            let outcome = try runLaunchParts("program_arguments=(\(words)); choose_stop_signal; echo $stop_signal")
            #expect(outcome.output == "\(signal)\n", "\(outcome)")
        }

        @Test func whatIsStartedBeforeTheTrainerHoldsRequestsBackForIt() throws {
            let folder = try TestFolder()
            let outcome = try runLaunchParts(
                """
                for starter_program in \(folder.path)/none \(folder.path)/starter; do
                    [[ $starter_program == */none ]] || build_starter
                    choose_starter
                    "${starter[@]}" sh -c 'for name in TERM INT HUP USR1; do kill -$name $$; done; echo alive'
                done
                echo "${starter[*]}"
                "${starter[@]}" nowhere || echo "$?"
                starter_program=none trainer=/a=b/trainer
                choose_starter
                echo "${#starter[@]}"
                """)
            #expect(outcome.output == "alive\nalive\n\(folder.path)/starter\n127\n0\n", "\(outcome)")
            #expect(outcome.errors.contains("nowhere cannot be started: No such file"), "\(outcome)")
        }

        @Test func vanishedHostsAreNoticedUnlessTheUserSaysOtherwise() throws {
            let folder = try TestFolder()
            try folder.write("10.0.0.1 slots=2\n10.0.0.2 slots=2\n", to: "hosts")
            let outcome = try runLaunchParts(
                """
                unset LOCKSTEP_HANG_TIMEOUT; hostfile=\(folder.path)/hosts ranks= mpirun_extra=()
                OMPI_MCA_oob_tcp_keepalive_intvl=7
                choose_mpirun_arguments
                env | sed -n 's/.*_keepalive_//p; s/LOCKSTEP_HANG_//p' | sort
                echo "${mpirun_arguments[*]}"
                """)
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.dropLast() == ["TIMEOUT=10m", "intvl=7", "probes=3", "time=5"], "\(outcome)")
            #expect(lines.last?.contains("-x LOCKSTEP_HANG_TIMEOUT") == true, "\(outcome)")
        }

        @Test func hangTimeoutOfTheEnvironmentThatIsNoDurationIsRefused() throws {
            var run = try TestFolder().training(ranks: 1)
            run.environment["LOCKSTEP_HANG_TIMEOUT"] = "soon"
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 64, "\(outcome)")
            #expect(outcome.errors.contains("LOCKSTEP_HANG_TIMEOUT is 'soon'; it must be a duration above 0"))
        }

        @Test func quotasOfBothVersionsOfControlGroupsAreSeen() throws {
            let folder = try TestFolder()
            for (name, text) in [
                ("one/cpu/cpu.cfs_quota_us", "150000"), ("one/cpu/cpu.cfs_period_us", "100000"),
                ("one/memory/memory.limit_in_bytes", "1000"), ("two/cpu.max", "50000 100000"),
                ("two/memory.max", "2000"), ("none/cpu.max", "max 100000"), ("none/cpu/cpu.cfs_quota_us", "-1"),
                ("none/cpu/cpu.cfs_period_us", "100000"), ("none/memory.max", "max"),
            ] {
                let url = folder.url(name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try folder.write(text + "\n", to: name)
            }
            let outcome = try runLaunchParts(
                """
                source "$root/launch/checks/machine.sh"
                for version in one two none; do
                    cgroup_root=\(folder.path)/$version
                    echo "$version:$(quota_of_cores):$(limits memory.max memory memory.limit_in_bytes)"
                done
                """)
            #expect(outcome.output == "one:1.5:1000\ntwo:0.5:2000\nnone::\n", "\(outcome)")
        }

        @Test func imageIsBuiltOfPinnedVersionsAndOfWhatTheContextHolds() throws {
            let file = try String(
                contentsOf: MPIRun.checkout.appending(path: "launch/kubernetes/Dockerfile"), encoding: .utf8)
            let packages = file.matches(of: /'([a-z0-9-]+)=[^']+'/).map { String($0.1) }
            #expect(Set(packages).isSuperset(of: ["libopenmpi-dev", "openmpi-bin", "libssl-dev", "libssl3"]))
            #expect(file.matches(of: /FROM [a-z]+:[0-9]+\.[0-9.]+/).count == 2)
            let ignore = try String(contentsOf: MPIRun.checkout.appending(path: ".dockerignore"), encoding: .utf8)
            let lines = ignore.split(separator: "\n")
            #expect(lines.contains("*") && lines.contains("**/.build"))
            for copied in file.matches(of: /COPY ([A-Za-z.]+)\s/) {
                #expect(lines.contains("!\(copied.1)"), "\(copied.1) is copied, and not sent to the build")
            }
        }
    }
}
