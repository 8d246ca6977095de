/// What a run does at a time.
public enum DayPhase: String, Sendable, Codable, CaseIterable {
    /// Work that stays.
    case working
    /// A save that the run waits for.
    case saving
    /// Work that has to be done again.
    case lost
    /// A failure being noticed, and a launch until its first step.
    case restarting
    /// Without enough machines.
    case waiting
}

/// A part of a simulated day.
public struct DaySegment: Equatable, Sendable, Codable {
    /// What the run does.
    public internal(set) var phase: DayPhase

    /// When that begins, in seconds since midnight.
    public internal(set) var begin: Double

    /// When that ends.
    public internal(set) var end: Double

    /// How far the run is at its end, if it is work: what counts when work is lost.
    var position = 0.0

    enum CodingKeys: CodingKey { case phase, begin, end }
}

/// Keeps what a run does within a window of time, for a picture of it.
struct DayRecorder {
    private(set) var segments: [DaySegment] = []
    private let window: Range<Double>

    /// More saves than these in a launch cannot be seen; they are shown as work.
    private static let mostSaves = 3000.0

    init(_ window: Range<Double>) {
        self.window = window
    }

    /// Notes a time, as far as it lies in the window; `position` is how far the run is at its end.
    mutating func add(_ phase: DayPhase, _ range: Range<Double>, position: Double) {
        let part = range.clamped(to: window)
        guard !part.isEmpty else { return }
        let begin = part.lowerBound - window.lowerBound
        let end = part.upperBound - window.lowerBound
        // Work beyond the window counts to what is in it.
        let reached = phase == .working ? position - (range.upperBound - part.upperBound) : 0
        segments.append(DaySegment(phase: phase, begin: begin, end: end, position: reached))
    }

    /// Notes a launch that works and saves from `start` on.
    mutating func note(_ rhythm: SaveRhythm, for length: Double, from start: Double, position: Double) {
        let launch = (start..<start + length).clamped(to: window)
        guard !launch.isEmpty else { return }
        let first = rhythm.saves(at: launch.lowerBound - start)
        let last = rhythm.saves(at: launch.upperBound - start)
        guard last - first < Self.mostSaves else {
            let done = rhythm.progress(at: length).work
            return add(.working, start..<start + length, position: position + done)
        }
        var save = first
        while save <= last {
            let begin = start + rhythm.end(ofSave: save)
            let end = min(begin + rhythm.interval, start + length)
            let done = position + save * rhythm.interval + (end - begin)
            add(.working, begin..<max(begin, end), position: done)
            let next = min(start + rhythm.end(ofSave: save + 1), start + length)
            add(.saving, end..<max(end, next), position: 0)
            save += 1
        }
    }

    /// Marks the work beyond a position as lost.
    mutating func lose(after kept: Double) {
        for index in segments.indices.reversed() where segments[index].phase == .working {
            let segment = segments[index]
            guard segment.position > kept else { return }
            let length = min(segment.position - kept, segment.end - segment.begin)
            segments[index].phase = .lost
            guard length < segment.end - segment.begin else { continue }
            segments[index].begin = segment.end - length
            var rest = segment
            rest.end = segment.end - length
            rest.position = kept
            segments.insert(rest, at: index)
            return
        }
    }
}
