import Collectives
import Memory
import SurroundingsTestKit

/// What the ranks of a simulated world share: collectives under way, messages, and who waits for whom.
final class Exchange: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    let scheduler: Scheduler

    /// How long what one rank has sent takes to reach another; zero where nothing takes time.
    var delay: (_ sender: Int, _ receiver: Int) -> Duration = { _, _ in .zero }

    /// What each rank of the world waits in; one that has been let go on is not among them.
    private(set) var waits: [Int: CollectiveWait] = [:]

    /// Called when a rank has begun to wait.
    var whenWaiting: () -> Void = {}

    private var groups: [GroupKey: Group] = [:]
    private var mail: [MailKey: [Mail]] = [:]
    private var readers: [MailKey: Strand] = [:]

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
    }

    /// The group that a split has made: the same object for all of its members.
    func group(_ key: GroupKey, name: String, _ members: () -> [Int]) -> Group {
        if let group = groups[key] { return group }
        let group = Group(name: name, members: members())
        groups[key] = group
        return group
    }

    /// Lets the running rank wait, on record, until somebody wakes it.
    func wait(in call: CollectiveCall, of group: Group, rank: Int, missing: @escaping () -> [Int]) {
        let own = group.members[rank]
        waits[own] = CollectiveWait(call: call, group: group.name, rank: own, missing: missing)
        whenWaiting()
        _ = scheduler.wait(until: nil)
    }

    /// Forgets what a rank waits in that runs no more.
    func forget(_ rank: Int) { waits[rank] = nil }

    /// Wakes a rank once what another has given has reached it.
    func wake(_ strand: Strand, _ receiver: Int, after sender: Int) {
        waits[receiver] = nil
        let delay = delay(sender, receiver)
        guard delay > .zero else { return scheduler.wake(strand) }
        scheduler.schedule(at: scheduler.time + delay) { [scheduler] in scheduler.wake(strand) }
    }
}

/// Tells the groups of a world apart.
struct GroupKey: Hashable {
    let parent: ObjectIdentifier
    let call: Int
    let color: Int
}

/// The ranks of a communicator, one object for all of them.
final class Group: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    let name: String
    /// By their numbers in the world.
    let members: [Int]
    /// The collectives that not all members have left yet, by their numbers.
    var meetings: [Int: Meeting] = [:]

    init(name: String, members: [Int]) {
        self.name = name
        self.members = members
    }
}

/// What a rank waits in, and for whom.
package struct CollectiveWait: CustomStringConvertible {
    let call: CollectiveCall
    let group: String
    package let rank: Int
    let missing: () -> [Int]

    /// As in "rank 3 waits in allReduce by sum of 12 float32 of world for rank 0".
    package var description: String {
        let ranks = missing()
        let shown = ranks.prefix(8).map { "\($0)" }.joined(separator: ", ") + (ranks.count > 8 ? ", …" : "")
        return "rank \(rank) waits in \(call) of \(group) for rank\(ranks.count == 1 ? "" : "s") \(shown)"
    }
}

// Messages between two ranks.
extension Exchange {
    struct MailKey: Hashable {
        let group: ObjectIdentifier
        let sender: Int
        let receiver: Int
        let tag: Int
    }

    struct Mail {
        let content: String
        let values: Buffer
        let arrival: Duration
    }

    /// Sends values on their way; messages of one key arrive in the order sent.
    func post(_ content: String, _ values: Buffer, to key: MailKey, in group: Group) {
        let (sender, receiver) = (group.members[key.sender], group.members[key.receiver])
        let last = mail[key]?.last?.arrival ?? .zero
        let arrival = max(scheduler.time + delay(sender, receiver), last)
        mail[key, default: []].append(Mail(content: content, values: values, arrival: arrival))
        guard let reader = readers.removeValue(forKey: key) else { return }
        waits[receiver] = nil
        scheduler.schedule(at: arrival) { [scheduler] in scheduler.wake(reader) }
    }

    /// Waits for the next message and takes it.
    func take(_ key: MailKey, in group: Group, _ call: CollectiveCall) -> Mail {
        while true {
            guard let first = mail[key]?.first else {
                readers[key] = scheduler.current
                wait(in: call, of: group, rank: key.receiver) { [group.members[key.sender]] }
                continue
            }
            guard first.arrival <= scheduler.time else {
                _ = scheduler.wait(until: first.arrival)
                continue
            }
            mail[key]?.removeFirst()
            if mail[key]?.isEmpty == true { mail[key] = nil }
            return first
        }
    }
}
