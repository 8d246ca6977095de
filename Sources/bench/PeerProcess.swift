import Foundation
import SystemPackage

/// The libraries of others, run by `Peers/checkpoint_peers.py` in a process that lives as long as the contest.
///
/// `LOCKSTEP_PYTHON` names the Python that has them. Without it none is installed.
final class PeerProcess {
    private let process = Process()
    private let questions = Pipe()
    private let answers = Pipe()
    private var unread = Data()

    /// The names of the peers that this Python has.
    private(set) var installed: [String] = []

    init() throws {
        guard let python = ProcessInfo.processInfo.environment["LOCKSTEP_PYTHON"] else { return }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/checkpoint_peers.py")
        process.executableURL = URL(filePath: python)
        process.arguments = [script.path()]
        process.standardInput = questions
        process.standardOutput = answers
        try process.run()
        installed = try readLine()
    }

    deinit {
        // The end of its input ends the process.
        try? questions.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    /// Lets a peer save to a file, or load it.
    func run(_ command: String, _ peer: String, _ path: FilePath) throws -> Effort {
        try questions.fileHandleForWriting.write(contentsOf: Data("\(command)\t\(peer)\t\(path)\n".utf8))
        let answer = try readLine()
        guard answer.count == 2, let seconds = Double(answer[0]), let extra = Int(answer[1]) else {
            throw PeerError(description: "\(peer) cannot \(command) \(path): \(answer.last ?? "")")
        }
        return Effort(seconds: seconds, extraByteCount: extra)
    }

    /// The parts of the next line that the process prints.
    private func readLine() throws -> [String] {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread = Data(unread[(end + 1)...])
                return line.split(separator: "\t").map(String.init)
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw PeerError(description: "\(process.arguments?.first ?? "the script of the peers") ended early")
            }
            unread += more
        }
    }
}

/// Why a peer gave no result.
struct PeerError: Error, CustomStringConvertible {
    let description: String
}
