import Foundation

/// A program that answers lines: each line on its standard input by one of parts that tabs separate.
///
/// Its first line, which nobody asked for, is "ready" and what it says of itself. An answer to what failed is "failed" and
/// why. It lives as long as this object, so that contestants can take turns without starting anew.
final class LineProcess {
    /// What the program said of itself when it was ready.
    private(set) var introduction: [String] = []

    private let name: String
    private let process = Process()
    private let questions = Pipe()
    private let answers = Pipe()
    private var unread = Data()

    /// Starts a program and waits until it is ready.
    init(_ name: String, _ command: [String], environment: [String: String] = [:]) throws {
        self.name = name
        // `env` finds the program as a shell does.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment
            .merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = questions
        process.standardOutput = answers
        try process.run()
        introduction = try answer(to: "its start", after: "ready")
    }

    deinit {
        // The end of its input ends the program.
        try? questions.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    /// Sends a line of these parts, and waits for the parts of the answer.
    func ask(_ parts: [String]) throws -> [String] {
        let question = parts.joined(separator: "\t")
        // Writing to a program that has ended would end this one by SIGPIPE.
        guard process.isRunning else { throw LineProcessError(name: name, question: question, reason: "it has ended") }
        try questions.fileHandleForWriting.write(contentsOf: Data("\(question)\n".utf8))
        return try answer(to: question)
    }

    private func answer(to question: String, after head: String? = nil) throws -> [String] {
        var parts = try readLine(answering: question)
        guard parts.first != "failed" else {
            throw LineProcessError(name: name, question: question, reason: parts.dropFirst().joined(separator: " "))
        }
        guard let head else { return parts }
        // What a launcher prints before the program begins is no answer.
        while parts.first != head { parts = try readLine(answering: question) }
        return Array(parts.dropFirst())
    }

    private func readLine(answering question: String) throws -> [String] {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread = Data(unread[(end + 1)...])
                return line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw LineProcessError(name: name, question: question, reason: "it ended early")
            }
            unread += more
        }
    }
}

/// Why a program gave no answer.
struct LineProcessError: Error, CustomStringConvertible {
    let name: String
    let question: String
    let reason: String

    var description: String { "\(name) did not answer \"\(question)\": \(reason)" }
}
