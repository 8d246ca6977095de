import Foundation
import Records

/// How many machines were to be had at each tick of a clock: SkyPilot's public form of traces of spot machines,
/// `{"metadata": {"gap_seconds": 300}, "data": [4, 4, 0, …]}` (github.com/skypilot-org/spot-traces).
public struct AvailabilityTrace: Equatable, Sendable {
    /// The time between two ticks.
    public let gapSeconds: Double

    /// The machines at each tick.
    public let machines: [Int]

    /// A time with enough machines.
    struct UpTime: Equatable {
        let begin: Double
        let end: Double
        /// How many of the job's machines go at its end.
        let lostHosts: Int
    }

    /// Describes what was to be had.
    ///
    /// - Throws: ``GoodputError`` that names the key or the tick.
    public init(gapSeconds: Double, machines: [Int]) throws(GoodputError) {
        guard gapSeconds >= 1, gapSeconds <= 366 * 86400 else {
            throw .badTrace(
                place: "metadata.gap_seconds",
                reason: "is \(gapSeconds.plain); it must be from a second to a year")
        }
        guard !machines.isEmpty else { throw .badTrace(place: "data", reason: "is empty; it must have a tick") }
        if let index = machines.firstIndex(where: { !(0...1_000_000).contains($0) }) {
            throw .badTrace(
                place: "data[\(index)]",
                reason: "is \(machines[index]); it must be a number of machines, from 0 to 1000000")
        }
        self.gapSeconds = gapSeconds
        self.machines = machines
    }

    /// Reads the JSON of a trace.
    ///
    /// - Throws: ``GoodputError`` that names the key or the tick.
    public init(json: [UInt8]) throws(GoodputError) {
        let file: TraceFile
        do {
            file = try JSONDecoder().decode(TraceFile.self, from: Data(json))
        } catch let error as DecodingError {
            throw Self.refusal(of: error, json)
        } catch {
            throw .badTrace(place: "the trace", reason: "is no JSON")
        }
        if let index = file.data.firstIndex(of: nil) {
            throw .badTrace(
                place: "data[\(index)]", reason: "is null; a trace must have a number of machines at every tick")
        }
        try self.init(gapSeconds: file.metadata.gapSeconds, machines: file.data.compactMap(\.self))
    }

    /// How long it is.
    public var seconds: Double { Double(machines.count) * gapSeconds }

    /// The times with at least so many machines.
    func upTimes(hosts: Int) -> [UpTime] {
        var times: [UpTime] = []
        var begin: Int?
        for (tick, count) in machines.enumerated() {
            if count >= hosts {
                begin = begin ?? tick
            } else if let first = begin {
                times.append(upTime(first, tick, lost: hosts - count))
                begin = nil
            }
        }
        if let begin { times.append(upTime(begin, machines.count, lost: hosts)) }
        return times
    }

    private func upTime(_ begin: Int, _ end: Int, lost: Int) -> UpTime {
        UpTime(begin: Double(begin) * gapSeconds, end: Double(end) * gapSeconds, lostHosts: lost)
    }
}

extension AvailabilityTrace {
    private static func refusal(of error: DecodingError, _ json: [UInt8]) -> GoodputError {
        switch error {
        case .keyNotFound(let key, let context):
            return .badTrace(
                place: path(context.codingPath + [key]), reason: "is missing; a trace has metadata.gap_seconds and data"
            )
        case .valueNotFound(_, let context), .typeMismatch(_, let context):
            let place = path(context.codingPath)
            return .badTrace(place: place.isEmpty ? "the trace" : place, reason: "is \(wanted(at: context.codingPath))")
        case .dataCorrupted(let context):
            let place = path(context.codingPath)
            guard place.isEmpty else { return .badTrace(place: place, reason: "is no number that can be read") }
            let problem = JSONText.problem(of: json)
            return .badTrace(
                place: "the trace", reason: problem == "is no JSON" ? "\(problem): \(syntax(context))" : problem)
        @unknown default: return .badTrace(place: "the trace", reason: "cannot be read")
        }
    }

    /// Where JSON itself is wrong: "Unexpected character … around line 1, column 42."
    private static func syntax(_ context: DecodingError.Context) -> String {
        let details = (context.underlyingError as? NSError)?.userInfo[NSDebugDescriptionErrorKey] as? String
        return (details ?? context.debugDescription).split(separator: "\n").first.map { String($0.prefix(200)) } ?? ""
    }

    private static func wanted(at path: [any CodingKey]) -> String {
        switch (path.first?.stringValue, path.count) {
        case ("data", 2...): "no whole number of machines"
        case ("data", _): "no list of numbers of machines"
        case ("metadata", 2...): "no number of seconds"
        case ("metadata", _): "no object with gap_seconds"
        default: "no object with metadata and data"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { path, key in
            if let index = key.intValue { return path + "[\(index)]" }
            return path + (path.isEmpty ? "" : ".") + key.stringValue
        }
    }
}

/// The file as it lies on the disk.
private struct TraceFile: Decodable {
    struct Metadata: Decodable {
        let gapSeconds: Double

        enum CodingKeys: String, CodingKey { case gapSeconds = "gap_seconds" }
    }

    let metadata: Metadata
    let data: [Int?]
}
