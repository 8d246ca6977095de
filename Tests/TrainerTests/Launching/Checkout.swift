import Foundation
import MPITestKit
import SystemPackage

/// What looks like a checkout whose trainer is built, for scripts that start it from there.
final class Checkout {
    private let folder: TestFolder
    private let name: String

    /// Makes one in a folder of this name, with a trainer or without, and with a compiler that does nothing but `building`.
    init(named name: String = "checkout", isBuilt: Bool = true, building: String = "true") throws {
        folder = try TestFolder()
        self.name = name
        let files = FileManager.default
        for path in ["\(name)/.build/release", "bin"] {
            try files.createDirectory(at: folder.url(path), withIntermediateDirectories: true)
        }
        let trainer = isBuilt ? [("\(name)/.build/release/trainer", MPIRun.path(of: "trainer"))] : []
        for (name, target) in [("\(name)/launch", Self.path(of: "launch"))] + trainer {
            try files.createSymbolicLink(
                atPath: folder.url(name).path(percentEncoded: false), withDestinationPath: target)
        }
        let swift = "#!/bin/bash\ncd \"$(dirname \"$0\")\"\n[ $1 = build ] || { echo Swift version 6.3.1 && exit; }\n"
        try writeProgram(swift + building + "\n", to: folder.url("bin/swift"))
    }

    var path: String { folder.path.appending(name).string }

    /// A script of the folder `launch`, started from here.
    func script(_ name: String) -> String { "\(path)/launch/\(name)" }

    /// A `PATH` in which the compiler is this one's.
    var environment: [String: String] {
        ["PATH": "\(bin.string):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
    }

    /// The first folder of `PATH`, where the compiler runs.
    var bin: FilePath { folder.path.appending("bin") }

    /// A script of this project.
    static func path(of name: String) -> String { MPIRun.checkout.appending(path: name).path(percentEncoded: false) }
}

/// Writes a program for a shell.
func writeProgram(_ text: String, to url: URL) throws {
    try Data(text.utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path(percentEncoded: false))
}

/// Runs lines of bash in which the functions of `launch/run` are there, and more of them, and `TRAINER` is the trainer.
func runLaunchParts(
    _ lines: String, and more: [String] = [], environment: [String: String] = [:]
) throws -> MPIRunOutcome {
    let parts = ["signals", "hosts", "mpirun", "ranks", "restarts"] + more
    let script = """
        set -uo pipefail
        source \(Checkout.path(of: "launch/common.sh"))
        root=\(Checkout.path(of: ""))
        for part in \(parts.joined(separator: " ")); do source "$root/launch/$part.sh"; done
        \(lines)
        """
    let folder = try TestFolder()
    try FileManager.default.createDirectory(at: folder.url("launch"), withIntermediateDirectories: true)
    try folder.write(script, to: "launch/parts")
    let file = folder.url("launch/parts").path(percentEncoded: false)
    let variables = ["TRAINER": MPIRun.path(of: "trainer")].merging(environment) { $1 }
    return try MPIRun(
        ranks: 1, "trainer", environment: variables, launcher: .command(["bash", file]), limit: 60
    ).run()
}
