import Collectives
import Memory
import SurroundingsTestKit

/// One collective of one group, from the first arrival until the last rank has left it.
final class Meeting {
    /// Whose values a rank needs to go on.
    enum Need {
        case all
        case nobody
        case one(Int)
    }

    private struct Waiter {
        let strand: Strand
        let rank: Int
    }

    let call: CollectiveCall
    let firstRank: Int
    private(set) var contributions: [Buffer?]
    private var missingCount: Int
    private var leftCount = 0
    /// Those that need all values, and those that need one rank's, by its number: whoever comes asks none of the others.
    private var waitersForAll: [Waiter] = []
    private var waitersForOne: [Int: [Waiter]] = [:]
    /// What all values come to; made once.
    var result: Buffer?
    /// Of a split, the ranks of each color in the order of their keys; made once.
    private(set) lazy var parts = makeParts()

    init(_ call: CollectiveCall, from rank: Int, size: Int) {
        self.call = call
        firstRank = rank
        contributions = Array(repeating: nil, count: size)
        missingCount = size
    }

    /// The ranks of the group that have not come.
    var missing: [Int] { contributions.indices.filter { contributions[$0] == nil } }

    /// Notes what a rank gives, and lets those go on that have all they need now.
    func arrive(_ rank: Int, with values: Buffer, in exchange: Exchange, _ group: Group) {
        contributions[rank] = values
        missingCount -= 1
        var ready = waitersForOne.removeValue(forKey: rank) ?? []
        if missingCount == 0 {
            ready += waitersForAll
            waitersForAll = []
        }
        for waiter in ready { exchange.wake(waiter.strand, group.members[waiter.rank], after: group.members[rank]) }
    }

    /// Whether all has come that is needed.
    func has(_ need: Need) -> Bool {
        switch need {
        case .all: missingCount == 0
        case .nobody: true
        case .one(let rank): contributions[rank] != nil
        }
    }

    /// Lets a rank be woken when all has come that it needs.
    func wait(_ strand: Strand, _ rank: Int, for need: Need) {
        let waiter = Waiter(strand: strand, rank: rank)
        switch need {
        case .all: waitersForAll.append(waiter)
        case .one(let other): waitersForOne[other, default: []].append(waiter)
        case .nobody: fatalError("rank \(rank) waits for nobody")
        }
    }

    private func makeParts() -> [Int: [Int]] {
        var parts: [Int: [(key: Int64, rank: Int)]] = [:]
        for (rank, given) in contributions.enumerated() {
            guard let given else { continue }
            let span = Slice<Int64>(of: given).span
            parts[Int(span[0]), default: []].append((span[1], rank))
        }
        return parts.mapValues { part in part.sorted { $0 < $1 }.map(\.rank) }
    }

    /// Notes that a rank needs it no more; returns whether nobody does.
    func leave() -> Bool {
        leftCount += 1
        return leftCount == contributions.count
    }
}
