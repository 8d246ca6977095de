import Foundation
import Lockstep

/// Spans as a trace in Chrome's format, which ui.perfetto.dev shows: a process a rank, a thread a track.
///
/// Source: "Trace Event Format" of the Chromium project; complete events ("X") and metadata ("M"), times in microseconds.
enum ChromeTrace {
    /// The trace of all ranks, on rank 0; nil on the others. One rank after the other sends its part.
    static func collect(_ spans: [ProfileSpan], in world: any Communicator) throws -> Data? {
        let own = try events(of: spans, rank: world.rank)
        guard world.rank == 0 else {
            try world.send([Int64(own.count)].span, to: 0, tag: 0)
            try world.send(Array(own).span, to: 0, tag: 1)
            return nil
        }
        var trace = Data("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n".utf8) + own
        for rank in 1..<max(world.size, 1) {
            var count: [Int64] = [0]
            var countSpan = count.mutableSpan
            try world.receive(&countSpan, from: rank, tag: 0)
            var part = [UInt8](repeating: 0, count: Int(count[0]))
            var partSpan = part.mutableSpan
            try world.receive(&partSpan, from: rank, tag: 1)
            trace += Data(",\n".utf8) + part
        }
        return trace + Data("\n]}\n".utf8)
    }

    /// The events of one rank, one a line, separated by commas.
    static func events(of spans: [ProfileSpan], rank: Int) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try metadata(rank).map(encoder.encode) + spans.map { try encoder.encode(Event($0, rank: rank)) }
        return Data(lines.joined(separator: Data(",\n".utf8)))
    }

    private static func metadata(_ rank: Int) -> [Metadata] {
        [Metadata(name: "process_name", pid: rank, tid: 0, args: ["name": "rank \(rank)"])]
            + ProfileTrack.allCases.map { track in
                Metadata(name: "thread_name", pid: rank, tid: track.rawValue, args: ["name": "\(track)"])
            }
    }

    private struct Metadata: Encodable {
        let name: String
        var ph = "M"
        let pid: Int
        let tid: Int
        let args: [String: String]
    }

    private struct Event: Encodable {
        let name: String
        let cat: String
        var ph = "X"
        let ts: Double
        let dur: Double
        let pid: Int
        let tid: Int
        let args: [String: String]

        init(_ span: ProfileSpan, rank: Int) {
            name = span.label.name
            cat = span.label.kind.rawValue
            ts = span.start / .microseconds(1)
            dur = span.duration / .microseconds(1)
            pid = rank
            tid = span.track.rawValue
            args = [("detail", span.label.detail), ("scope", span.label.scope)].reduce(into: [:]) { args, entry in
                if !entry.1.isEmpty { args[entry.0] = entry.1 }
            }
        }
    }
}
