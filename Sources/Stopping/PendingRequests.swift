import Files
import Foundation

/// What is known of the halt requests of a run. The time that a step takes to ask it does not depend on how many there are.
struct PendingRequests {
    /// What is known of a file; its request is nil if it holds none.
    struct Entry {
        let contents: [UInt8]?
        let request: HaltRequest?
        /// When a request with a delay is due.
        let due: ContinuousClock.Instant?
        /// The sets that were published before the first step that knew of it.
        fileprivate var setsBefore: Int?

        init(contents: [UInt8]?, request: HaltRequest?, due: ContinuousClock.Instant?) {
            (self.contents, self.request, self.due) = (contents, request, due)
        }

        fileprivate func isDue(step: Int, sets: Int, at moment: Moment) -> Bool {
            switch request?.condition {
            case nil: false
            case .now: true
            case .afterStep(let number): step >= number
            case .afterCheckpoints(let count): sets - (setsBefore ?? sets) >= count
            case .at(let date): due.map { moment.now >= $0 } ?? (moment.date >= date)
            }
        }
    }

    /// A time, by both clocks.
    fileprivate struct Moment {
        let now: ContinuousClock.Instant
        let date: Date
    }

    /// The first moments at which any request is due.
    private struct Earliest {
        var step = Int.max
        var sets = Int.max
        var date = Date.distantFuture
        var instant: ContinuousClock.Instant?

        mutating func add(_ entry: Entry) {
            switch entry.request?.condition {
            case nil: break
            case .now: step = .min
            case .afterStep(let number): step = min(step, number)
            case .afterCheckpoints(let count):
                let (number, isTooLarge) = (entry.setsBefore ?? 0).addingReportingOverflow(count)
                if !isTooLarge { sets = min(sets, number) }
            case .at(let time):
                if let due = entry.due { instant = min(instant ?? due, due) } else { date = min(date, time) }
            }
        }

        func isReached(step: Int, sets: Int, at moment: Moment) -> Bool {
            step >= self.step || sets >= self.sets || moment.date >= date || instant.map { moment.now >= $0 } ?? false
        }
    }

    private var entries: [FileName: Entry] = [:]
    private var earliest: Earliest?
    /// How many were read in turn so far.
    private var readInTurn = 0

    subscript(id: FileName) -> Entry? {
        get { entries[id] }
        set {
            entries[id] = newValue
            earliest = nil
        }
    }

    /// Forgets the requests that are no more, and returns which to read now, `limit` at most: the new ones first, then others in
    /// turn.
    mutating func turn(of ids: [FileName], limit: Int) -> [FileName] {
        let there = Set(ids)
        if entries.keys.contains(where: { !there.contains($0) }) {
            entries = entries.filter { there.contains($0.key) }
            earliest = nil
        }
        let new = ids.filter { entries[$0] == nil }.prefix(limit)
        let known = ids.filter { entries[$0] != nil }
        let start = known.isEmpty ? 0 : readInTurn % known.count
        let others = (known[start...] + known[..<start]).prefix(limit - new.count)
        readInTurn += others.count
        return Array(new + others)
    }

    /// The requests that are due after a step, when so many sets have been published, in the order of their ids.
    mutating func due(step: Int, sets: Int, in surroundings: any Surroundings) -> [HaltRequest] {
        if earliest == nil {
            var earliest = Earliest()
            for id in entries.keys where entries[id]?.request != nil {
                if entries[id]?.setsBefore == nil { entries[id]?.setsBefore = sets }
                if let entry = entries[id] { earliest.add(entry) }
            }
            self.earliest = earliest
        }
        let moment = Moment(now: surroundings.now, date: surroundings.date)
        guard earliest?.isReached(step: step, sets: sets, at: moment) ?? false else { return [] }
        return entries.values.filter { $0.isDue(step: step, sets: sets, at: moment) }.compactMap(\.request)
            .sorted { $0.id < $1.id }
    }
}
