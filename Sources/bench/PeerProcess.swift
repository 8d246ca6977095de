import SystemPackage

/// The libraries of others that save and load checkpoints, in a process that lives as long as the contest.
final class PeerProcess {
    private let process: LineProcess?

    /// Starts them in the environment of the peers; without one nobody is there.
    init(in environment: PeerEnvironment?) throws {
        process = try environment?.start("the peers of checkpoints", "checkpoint_peers.py", [])
    }

    /// The names of the peers that are there.
    var installed: [String] { process?.introduction ?? [] }

    /// Lets a peer save to a file, or load it.
    func run(_ command: String, _ peer: String, _ path: FilePath) throws -> Effort {
        let question = [command, peer, path.string]
        let answer = try process?.ask(question) ?? []
        guard answer.count == 2, let seconds = Double(answer[0]), let extra = Int(answer[1]) else {
            throw LineProcessError(name: peer, question: "\(question)", reason: "its answer is \(answer)")
        }
        return Effort(seconds: seconds, extraByteCount: extra)
    }
}
