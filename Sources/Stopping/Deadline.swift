import Files
import Foundation

/// The end of the time that a run was given.
public struct Deadline: Sendable {
    /// What it is called in messages, such as "--max-time 10m".
    public let name: String

    /// When the last set is to be published.
    public let end: ContinuousClock.Instant

    /// How long before the end of the given time that is.
    let reserve: Duration

    /// Describes a deadline; `reserve` is the time that is to be left between the publication and the end.
    public init(_ name: String, end: ContinuousClock.Instant, reserve: Duration = .zero) {
        self.name = name
        self.end = end - reserve
        self.reserve = reserve
    }
}

/// Asks for a stop early enough for the save after it to end before a deadline.
///
/// That takes as long as the slowest step and the slowest save of this run so far. Until its first save, a save is assumed to
/// take one second, and one more for every 100 MB of state on this rank.
final class DeadlineWatch: StopSource {
    private let deadline: Deadline
    private let assumedSave: Duration
    private let pace: RunPace
    private let surroundings: any Surroundings
    private var seen: (time: ContinuousClock.Instant, needed: Duration)?

    init(_ deadline: Deadline, stateBytes: Int, pace: RunPace, in surroundings: any Surroundings) {
        self.deadline = deadline
        assumedSave = .seconds(1 + Double(stateBytes) / 100e6)
        self.pace = pace
        self.surroundings = surroundings
    }

    func poll() -> StopReason? {
        if seen == nil {
            let figures = pace.figures
            let save = Mutant.deadlineWithoutSave.isPlanted ? .zero : figures.slowestSave ?? assumedSave
            let needed = figures.slowestStep + save
            let time = surroundings.now
            if time + needed >= deadline.end { seen = (time, needed) }
        }
        return seen == nil ? nil : .deadline
    }

    var details: StopDetails {
        guard let seen else { return StopDetails() }
        let seconds = { (duration: Duration) in String(format: "%.1f s", duration / .seconds(1)) }
        let left = seen.time.duration(to: deadline.end) + deadline.reserve
        guard left > .zero else {
            return StopDetails("\(deadline.name), which was \(seconds(.zero - left)) ago", time: seen.time)
        }
        let reserve = deadline.reserve > .zero ? " and \(seconds(deadline.reserve)) are to be left" : ""
        return StopDetails(
            "\(deadline.name), \(seconds(left)) before it, as a step and a save may take \(seconds(seen.needed))"
                + reserve, time: seen.time)
    }
}
