import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `launch/doctor`.
    @Suite struct DoctorTests {
        @Test func whatIsWellIsMeasuredAndSaidSo() throws {
            let folder = try TestFolder()
            _ = try SavedSet(publishedIn: folder)
            let options = ["--directory", folder.out.string, "--program", MPIRun.path(of: "trainer"), "--grace", "600"]
            let (findings, code) = try examine(options)
            #expect(code == 0 && !findings.contains { $0.level == "problem" }, "\(findings)")
            #expect(leftovers(in: folder.out) == [])
            for what in ["cores", "disk", "space", "memory", "mpirun", "transport", "grace"] {
                #expect(findings.contains { $0.what == what && $0.level == "ok" }, "\(what): \(findings)")
            }
            let times = /SIGTERM after ([0-9.]+) s and kills them after ([0-9.]+) s/
            let notice = try #require(findings.first { $0.what == "notice" })
            let measured = try #require(notice.text.firstMatch(of: times), "\(notice)")
            let (term, kill) = try (#require(Double(measured.1)), #require(Double(measured.2)))
            #expect(term < kill, "\(notice)")
        }

        @Test(.enabled(if: TwoHosts.isAllowed, "two hosts are not tried: only root may make them, with iproute2"))
        func aHostThatAnswersIsLookedAtAndOneThatDoesNotIsAProblem() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 1))
            let options = ["--hostfile", hosts.hostFile, "--directory"]
            let well = try examine(options + [folder.out.string], on: hosts)
            #expect(well.code == 0, "\(well)")
            #expect(well.findings.filter { $0.what == "host \(TwoHosts.secondAddress)" }.count == 2, "\(well)")
            try hosts.loseSecondHost()
            let ill = try examine(options + ["/proc/none"], on: hosts)
            #expect(ill.code == 1, "\(ill)")
            #expect(
                Set(ill.findings.filter { $0.level == "problem" }.map(\.what))
                    == ["disk", "host \(TwoHosts.secondAddress)"], "\(ill)")
        }

        @Test func whatStandsBetweenMpirunAndARankIsNamed() throws {
            let folder = try TestFolder()
            let wrapper = folder.url("wrapper")
            try writeProgram("#!/bin/bash\n'\(MPIRun.path(of: "trainer"))' \"$@\"\n", to: wrapper)
            let path = wrapper.path(percentEncoded: false)
            let wrapped = try examine(["--directory", folder.out.string, "--program", path])
            let finding = try #require(wrapped.findings.first { $0.what == "between" }, "\(wrapped)")
            #expect(finding.level == "warn" && finding.text.contains(path), "\(finding)")
        }

        /// Without its tools, in a folder whose name no shell likes: JSON all the same, and a line for what failed.
        @Test func checksThatFailAreLinesAndTheOthersAreMade() throws {
            let folder = try TestFolder()
            let checkout = try Checkout()
            for name in ["df", "lscpu", "numfmt"] {
                try writeProgram("#!/bin/sh\nexit 1\n", to: URL(filePath: checkout.bin.appending(name).string))
            }
            let name = folder.out.string + "\n\"\\ \t'ü"
            let (findings, code) = try examine(["--directory", name], environment: checkout.environment)
            #expect(code == 1)
            let failed = try #require(findings.first { $0.what == "disk" && $0.level == "problem" }, "\(findings)")
            #expect(failed.text.hasPrefix("this could not be checked: "), "\(failed)")
            for what in ["cores", "memory", "mpirun", "notice"] {
                #expect(findings.contains { $0.what == what }, "\(what): \(findings)")
            }
        }

        @Test func aDiskAndATimeThatAreTooShortAreProblems() throws {
            let folder = try TestFolder()
            let (findings, code) = try examine([
                "--directory", folder.out.string, "--checkpoint-size", "900T", "--grace", "30",
            ])
            #expect(code == 1)
            let levels = Dictionary(findings.map { ($0.what, $0.level) }) { $1 }
            #expect(levels["space"] == "problem" && levels["grace"] == "problem", "\(findings)")
            #expect(levels["memory"] == "warn" && levels["notice"] == "warn", "\(findings)")
        }

        /// One line of its answer.
        private struct Finding: Decodable {
            let level: String
            let what: String
            let text: String
        }

        private func examine(
            _ options: [String], on hosts: TwoHosts? = nil, environment: [String: String] = [:]
        ) throws -> (findings: [Finding], code: Int32) {
            let doctor = MPIRun.checkout.appending(path: "launch/doctor").path(percentEncoded: false)
            let run = MPIRun(
                ranks: 2, "trainer", environment: hosts?.environment ?? environment,
                launcher: .command([doctor, "--json"]),
                options: options, prefix: hosts?.prefix ?? [], limit: 120)
            let outcome = try run.run()
            let findings = try? JSONDecoder().decode([Finding].self, from: Data(outcome.output.utf8))
            return (try #require(findings, "\(outcome)"), outcome.exitCode)
        }
    }
}
