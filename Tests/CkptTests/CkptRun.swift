import Foundation
import Glibc
import RankTestKit
import Testing

/// How a run of the built program ended, and what it said.
struct CkptRun {
    let status: Int32
    let output: String
    let errors: String

    /// Runs `ckpt` to its end.
    ///
    /// With `fileKilobytes`, writing more than so much into a file fails, as on a disk that is full. `before` is what a
    /// shell does first, and `redirection` what it does with the streams. `whileRunning` is called once it has started.
    init(
        _ arguments: [String], environment: [String: String] = [:], fileKilobytes: Int? = nil, before: String = "",
        redirection: String = "",
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws {
        let process = Process()
        let program = BuiltProgram.file("ckpt")
        let limit = fileKilobytes.map { "ulimit -f \($0);" } ?? ""
        if !limit.isEmpty || !before.isEmpty || !redirection.isEmpty {
            process.executableURL = URL(filePath: "/bin/bash")
            let script = "\(limit) \(before) exec \"$@\" \(redirection)"
            process.arguments = ["-c", script, "bash", program.path(percentEncoded: false)] + arguments
        } else {
            process.executableURL = program
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try Self.withoutBlockedSignals { try process.run() }
        try whileRunning(process)
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }

    /// The same, which must succeed without a word on standard error.
    static func succeeding(_ arguments: String..., environment: [String: String] = [:]) throws -> CkptRun {
        let run = try CkptRun(arguments, environment: environment)
        try #require(run.status == 0, "\(run)")
        #expect(run.errors == "")
        return run
    }

    /// The lines of a table or list.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The output as JSON.
    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(output.utf8))
    }

    /// Expects one sentence as an error, and nothing else.
    func expectRefusal(_ sentence: String, status: Int32 = 1) {
        #expect(self.status == status)
        #expect(output == "")
        #expect(errors == "ckpt: error: \(sentence)\n")
    }

    /// Threads of the test runner block signals, and a process inherits that from the thread that starts it.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var usual = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &usual)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &usual, nil) }
        try body()
    }
}
