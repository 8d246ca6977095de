import Foundation
import MPITestKit
import Testing

/// A Python that has MindSpore 2.10, with which tests compare.
struct MindSporePython {
    private let program: String

    /// The one that `LOCKSTEP_PYTHON` names. Without it nothing is compared, which is a failure in CI and a warning elsewhere.
    static func find() -> MindSporePython? {
        let environment = ProcessInfo.processInfo.environment
        if let program = environment["LOCKSTEP_PYTHON"] { return MindSporePython(program: program) }
        Issue.record(
            "LOCKSTEP_PYTHON does not name a Python with MindSpore 2.10, so nothing was compared with it",
            severity: environment["CI"] == "true" ? .error : .warning)
        return nil
    }

    /// What a script of `Tests/MindSpore` printed; nothing if it found no mistakes.
    func run(_ script: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [MPIRun.checkout.appending(path: "Tests/MindSpore/\(script)").path()] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "" : String(decoding: text, as: UTF8.self)
    }
}
