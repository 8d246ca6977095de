import Foundation

/// A program of this package under `mpirun`, and how it ended.
struct Launched {
    let code: Int32
    let output: String
    let errors: String

    /// Starts it on so many ranks in a folder and waits for its end; `act` may do something to it meanwhile.
    init(
        _ program: String, ranks: Int, _ words: [String] = [], in folder: URL,
        meanwhile act: (Process) throws -> Void = { _ in }
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let options = ["--oversubscribe", "--allow-run-as-root", "--mca", "mpi_yield_when_idle", "1"]
        process.arguments = ["mpirun", "-n", "\(ranks)"] + options + [Self.path(of: program)] + words
        process.currentDirectoryURL = folder
        let (out, err) = (folder.appending(path: "output"), folder.appending(path: "errors"))
        for file in [out, err] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try act(process)
        process.waitUntilExit()
        code = process.terminationStatus
        output = try String(contentsOf: out, encoding: .utf8)
        errors = try String(contentsOf: err, encoding: .utf8)
    }

    /// Beside the program that tests.
    private static func path(of program: String) -> String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: program)
            .path(percentEncoded: false)
    }
}

extension Launched: CustomStringConvertible {
    var description: String { "exit code \(code)\n\(output)\n--- errors\n\(errors)" }
}
