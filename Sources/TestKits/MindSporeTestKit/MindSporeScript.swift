import Foundation

/// Whether tests that need real MindSpore 2.10 run: `LOCKSTEP_PYTHON` names a Python that has it. In CI they must.
public let hasMindSpore =
    ProcessInfo.processInfo.environment["LOCKSTEP_PYTHON"] != nil
    || ProcessInfo.processInfo.environment["CI"] == "true"

/// A script of `Tests/MindSpore`, for the Python that `LOCKSTEP_PYTHON` names.
public struct MindSporeScript {
    private let path: URL

    /// Names a script: "exchange.py".
    public init(_ name: String) {
        path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Tests/MindSpore/\(name)")
    }

    /// Runs the script; returns what it printed if it found mistakes, and why it could not be run.
    public func run(_ arguments: [String]) throws -> String? {
        guard let python = ProcessInfo.processInfo.environment["LOCKSTEP_PYTHON"] else {
            return "LOCKSTEP_PYTHON must name a Python with MindSpore 2.10"
        }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [path.path(percentEncoded: false)] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? nil : String(decoding: text, as: UTF8.self)
    }
}
