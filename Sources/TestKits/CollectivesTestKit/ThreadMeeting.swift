import Memory

/// What a rank calls, as it stands in messages; calls match if they are equal.
struct ThreadCall: Equatable, CustomStringConvertible {
    let name: String
    let arguments: String

    init(_ name: String, _ arguments: String = "") {
        self.name = name
        self.arguments = arguments
    }

    var description: String { "\(name)(\(arguments))" }
}

/// A rank's place in one collective of one group.
struct ThreadSeat {
    let key: ThreadMeeting.Key

    /// What the group is called.
    let name: String

    /// The rank in the group.
    let rank: Int

    /// The ranks in the world of the group's members.
    let members: [Int]
}

/// One collective of one group, from the first arrival until the last rank has taken the result.
struct ThreadMeeting {
    /// The n-th collective that a rank of this group calls meets the n-th of the others.
    struct Key: Hashable {
        let group: String
        let number: Int
    }

    var contributions: [(call: ThreadCall, values: Buffer)?]
    var collected = 0

    init(size: Int) {
        contributions = Array(repeating: nil, count: size)
    }

    var firstArrival: (rank: Int, call: ThreadCall)? {
        for (rank, contribution) in contributions.enumerated() {
            if let contribution { return (rank, contribution.call) }
        }
        return nil
    }
}

/// Values on their way from one rank to another.
struct ThreadMessage {
    /// The two ends, as ranks of the group; messages of one key arrive in the order sent.
    struct Key: Hashable {
        let group: String
        let sender: Int
        let receiver: Int
        let tag: Int
    }

    /// How many of what, as it stands in messages.
    let content: String
    let values: Buffer
}
