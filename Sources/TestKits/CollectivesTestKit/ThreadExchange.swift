import Foundation
import Memory

/// Why a thread world cannot go on.
struct ThreadFailure: Error {
    let reason: String
}

/// What the ranks of one thread world share: contributions to collectives, messages, and who has left.
final class ThreadExchange: @unchecked Sendable {
    // Unchecked: everything that changes is touched only while `condition` is locked.
    private let condition = NSCondition()
    private let ranks: Int
    private var meetings: [ThreadMeeting.Key: ThreadMeeting] = [:]
    private var mail: [ThreadMessage.Key: [ThreadMessage]] = [:]
    private var failure: String?
    private var left: Set<Int> = []
    private var waiting: [Int: String] = [:]
    private var firstThrower: Int?

    init(ranks: Int) {
        self.ranks = ranks
    }

    /// The rank that threw before any other did.
    var firstToFail: Int? { condition.withLock { firstThrower } }

    /// Notes that a rank's body has returned or thrown.
    func leave<Value>(_ rank: Int, with outcome: Result<Value, any Error>) {
        condition.withLock {
            left.insert(rank)
            if case .failure(let error) = outcome {
                if firstThrower == nil { firstThrower = rank }
                fail("rank \(rank) of world stopped with an error: \(error)")
            }
            wakeAll()
        }
    }

    /// Adds a rank's contribution to a collective without waiting for the others.
    func arrive(_ seat: ThreadSeat, _ call: ThreadCall, _ values: Buffer) throws(ThreadFailure) {
        try locked { () throws(ThreadFailure) in
            if let failure { throw ThreadFailure(reason: failure) }
            var meeting = meetings[seat.key] ?? ThreadMeeting(size: seat.members.count)
            if let (other, otherCall) = meeting.firstArrival, otherCall != call {
                throw fail("rank \(other) of \(seat.name) calls \(otherCall), but rank \(seat.rank) calls \(call)")
            }
            meeting.contributions[seat.rank] = (call, values)
            meetings[seat.key] = meeting
            wakeAll()
        }
    }

    /// The contributions of all ranks once all have arrived; nil if some have not and the rank does not want to wait.
    func collect(_ seat: ThreadSeat, _ call: ThreadCall, waits: Bool) throws(ThreadFailure) -> [Buffer]? {
        try locked { () throws(ThreadFailure) in
            let missing = { [self] in
                seat.members.indices.filter { meetings[seat.key]?.contributions[$0] == nil }.map { seat.members[$0] }
            }
            let rank = seat.members[seat.rank]
            guard try wait(rank, "\(call) of \(seat.name)", for: missing, waits: waits) else { return nil }
            return takeContributions(seat)
        }
    }

    /// Leaves a message for another rank.
    func post(_ message: ThreadMessage, to key: ThreadMessage.Key) throws(ThreadFailure) {
        try locked { () throws(ThreadFailure) in
            if let failure { throw ThreadFailure(reason: failure) }
            mail[key, default: []].append(message)
            wakeAll()
        }
    }

    /// Waits for a message of another rank and takes it.
    func take(
        _ key: ThreadMessage.Key, by rank: Int, from sender: Int, _ call: ThreadCall
    ) throws(ThreadFailure) -> ThreadMessage {
        try locked { () throws(ThreadFailure) in
            let missing = { [self] in mail[key, default: []].isEmpty ? [sender] : [] }
            _ = try wait(rank, "\(call)", for: missing, waits: true)
            return mail[key, default: []].removeFirst()
        }
    }

    private func takeContributions(_ seat: ThreadSeat) -> [Buffer] {
        guard var meeting = meetings[seat.key] else { fatalError("a meeting was cleared before all ranks had left it") }
        meeting.collected += 1
        meetings[seat.key] = meeting.collected == seat.members.count ? nil : meeting
        return meeting.contributions.compactMap { $0?.values }
    }

    /// Waits until no rank is `missing` any more; if the rank does not want to wait, tells whether that is so already.
    ///
    /// What is complete is handed out even when the world has failed since.
    private func wait(
        _ rank: Int, _ place: String, for missing: () -> [Int], waits: Bool
    ) throws(ThreadFailure) -> Bool {
        while true {
            let missing = missing()
            if missing.isEmpty { return true }
            if let failure { throw ThreadFailure(reason: failure) }
            if let gone = missing.first(where: left.contains) {
                throw fail("rank \(gone) of world has returned, but rank \(rank) waits for it in \(place)")
            }
            guard waits else { return false }
            waiting[rank] = place
            if waiting.count + left.count == ranks {
                let places = waiting.sorted { $0.key < $1.key }.map { "rank \($0.key) in \($0.value)" }
                throw fail("all ranks wait for each other: \(places.joined(separator: ", "))")
            }
            condition.wait()
        }
    }

    /// Makes the pending and later calls of all ranks fail; only the first reason counts.
    @discardableResult private func fail(_ reason: String) -> ThreadFailure {
        failure = failure ?? reason
        wakeAll()
        return ThreadFailure(reason: failure ?? reason)
    }

    /// Everyone must look again, so nobody counts as waiting until they have.
    private func wakeAll() {
        waiting.removeAll()
        condition.broadcast()
    }

    private func locked<Value>(_ body: () throws(ThreadFailure) -> Value) throws(ThreadFailure) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return try body()
    }
}
