import Files
import Foundation

/// The Python environment with the libraries of others: made once, then used again.
///
/// It lies at `~/.cache/lockstep/bench-venv`, or where `LOCKSTEP_BENCH_VENV` says; what is in it stands in
/// `Peers/requirements.txt`.
struct PeerEnvironment {
    /// Where the checkout of this package lies.
    static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let peers = checkout.appending(path: "Sources/bench/Peers")

    private let directory: URL

    /// Finds the environment, or makes it and says so.
    init() throws {
        let home = FileManager.default.homeDirectoryForCurrentUser
        directory =
            ProcessInfo.processInfo.environment["LOCKSTEP_BENCH_VENV"].map { URL(filePath: $0) }
            ?? home.appending(path: ".cache/lockstep/bench-venv")
        let requirements = try String(contentsOf: Self.peers.appending(path: "requirements.txt"), encoding: .utf8)
        let installed = try? String(contentsOf: stamp, encoding: .utf8)
        guard installed != requirements else { return }
        try install(requirements)
    }

    /// Starts a script of `Peers`.
    func start(_ name: String, _ script: String, _ arguments: [String]) throws -> LineProcess {
        try LineProcess(name, [python, Self.peers.appending(path: script).path(percentEncoded: false)] + arguments)
    }

    private var python: String { directory.appending(path: "bin/python").path(percentEncoded: false) }

    /// Holds the requirements once all of them are installed.
    private var stamp: URL { directory.appending(path: "lockstep-requirements.txt") }

    private func install(_ requirements: String) throws {
        let folder = directory.path(percentEncoded: false)
        let note = "bench: installing PyTorch and MindSpore into \(folder), once; this takes some minutes\n"
        StandardStream.error.offer(note)
        try run(["python3", "-m", "venv", folder])
        let file = Self.peers.appending(path: "requirements.txt").path(percentEncoded: false)
        let install = [python, "-m", "pip", "install", "--quiet", "--requirement", file]
        do {
            // pip may be configured to know where the wheels are.
            try run(install)
        } catch {
            try run(install + ["--extra-index-url", "https://download.pytorch.org/whl/cpu"])
        }
        try Data(requirements.utf8).write(to: stamp)
    }

    private func run(_ command: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        // Standard output is for the tables.
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let line = command.joined(separator: " ")
            throw PeerInstallationError(command: line, status: Int(process.terminationStatus))
        }
    }
}

/// A step of making the environment that failed.
struct PeerInstallationError: Error, CustomStringConvertible {
    let command: String
    let status: Int

    var description: String {
        "the peers could not be installed: `\(command)` ended with \(status); --without-peers measures without them"
    }
}
