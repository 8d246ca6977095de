import RandomTestKit

/// The threads that can go on.
struct TurnQueue {
    private var strands: [Strand] = []
    private var first = 0

    var isEmpty: Bool { first == strands.count }

    mutating func append(_ strand: Strand) { strands.append(strand) }

    /// Takes one out: the one that has waited longest, or any, if a generator decides.
    mutating func take(by generator: inout SeededGenerator?) -> Strand? {
        guard !isEmpty else { return nil }
        guard generator != nil else { return takeFirst() }
        let index = strands.count == 1 ? 0 : Int(generator?.next(upperBound: UInt64(strands.count)) ?? 0)
        strands.swapAt(index, strands.count - 1)
        return strands.removeLast()
    }

    private mutating func takeFirst() -> Strand {
        let strand = strands[first]
        first += 1
        if first > 64, first * 2 > strands.count {
            strands.removeFirst(first)
            first = 0
        }
        return strand
    }
}

/// What is due later, the earliest first; what is due at the same moment, in the order in which it was asked for.
struct TimerQueue {
    enum Action {
        case wakes(Strand, ticket: Int)
        case does(() -> Void)
        /// Lets one go on that waits for nothing.
        case readies(Strand)
    }

    private struct Entry {
        let moment: Duration
        let number: Int
        let action: Action

        static func < (one: Entry, other: Entry) -> Bool { (one.moment, one.number) < (other.moment, other.number) }
    }

    // A binary heap.
    private var entries: [Entry] = []
    private var count = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(at moment: Duration, _ action: Action) {
        count += 1
        entries.append(Entry(moment: moment, number: count, action: action))
        var child = entries.count - 1
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// When the first of it is due.
    var firstMoment: Duration? { entries.first?.moment }

    /// Takes out what is due first, if it is by this moment.
    mutating func next(dueBy moment: Duration) -> Action? {
        guard let first = entries.first, first.moment <= moment else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty { sink(last) }
        return first.action
    }

    private mutating func sink(_ entry: Entry) {
        entries[0] = entry
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard child < entries.count, entries[child] < entries[parent] else { return }
            entries.swapAt(parent, child)
            parent = child
        }
    }
}
