import ArgumentParser
import Files
import Foundation
import SystemPackage
import Terminal

/// `bench checkpoint`: saving and loading beside plain system calls and the libraries of others.
struct CheckpointBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Saving and loading beside plain write() and read(), and others.",
        discussion: """
            400 MB in 16 Float32 tensors. Nobody waits for the disk (fsync): what is compared is the way into the \
            system's cache and out of it. Ours compute what a manifest says of a file, the XXH3 and with a key the \
            code, on a second thread, and read large tensors on all processors. "Extra" is the most memory that one run \
            took beyond what was there and what it delivered. A stall is how long a run stands still for an asynchronous \
            save.
            """)

    @Option(name: .customLong("directory"), help: "A directory to save to; can be given several times.")
    var directories = ["/dev/shm", "/tmp"]

    @OptionGroup var options: RoundOptions

    func run() throws {
        let peers = try PeerProcess(in: options.makePeers())
        let rounds = options.roundCount
        let load = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8).prefix { $0 != " " }
        try StandardStream.output.print(
            "400 MB in 16 Float32 tensors; medians of \(rounds) rounds; load average \(load) before.")
        for directory in directories {
            let contest = try CheckpointContest(in: FilePath(directory), beside: peers)
            for (head, contestants) in [
                ("saving to \(directory)", contest.saves), ("loading from \(directory)", contest.loads),
                ("stalls of a run that saves to \(directory)", try contest.stalls()),
            ] {
                let table = try Table(
                    head, of: contestants, byteCount: CheckpointContest.byteCount, rounds: rounds)
                try StandardStream.output.print("\n\(table.markdown)")
            }
        }
    }
}
