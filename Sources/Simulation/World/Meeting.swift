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
        let need: Need
    }

    let call: CollectiveCall
    let firstRank: Int
    private(set) var contributions: [Buffer?]
    private var missingCount: Int
    private var leftCount = 0
    private var waiters: [Waiter] = []
    /// What all values come to; made once.
    var result: Buffer?

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
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            guard has(waiter.need) else {
                waiters.append(waiter)
                continue
            }
            exchange.wake(waiter.strand, group.members[waiter.rank], after: group.members[rank])
        }
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
        waiters.append(Waiter(strand: strand, rank: rank, need: need))
    }

    /// Notes that a rank needs it no more; returns whether nobody does.
    func leave() -> Bool {
        leftCount += 1
        return leftCount == contributions.count
    }
}
