import RandomTestKit

/// Names as other hosts see them, which look at the server of a shared disk once in a while: what one host makes, moves or
/// removes, another one may miss for some time, and its old name may seem to be there (NFS's `acdirmax`).
struct LateNames: Sendable {
    private struct Entry: Sendable {
        let number: UInt64
        let time: Duration
        let host: Int
        let node: DiskImage.Node?
    }

    private struct History: Sendable {
        let before: DiskImage.Node?
        var entries: [Entry] = []

        /// The last entry that a host is known to have seen.
        var seen: [Int: UInt64] = [:]
    }

    /// Within this time every host sees every change.
    let delay: Duration

    private let seed: UInt64
    private var histories: [DiskPlace: History] = [:]
    private var lastChange = Duration.zero
    private var count: UInt64 = 0

    init(delay: Duration, seed: UInt64) {
        self.delay = delay
        self.seed = seed
    }

    /// Whether everybody sees everything as it is.
    func isEmpty(at time: Duration) -> Bool { histories.isEmpty || time >= lastChange + delay }

    /// What somebody may still see.
    var nodes: [DiskImage.Node] { histories.values.flatMap { [$0.before] + $0.entries.map(\.node) }.compactMap(\.self) }

    mutating func note(
        _ place: DiskPlace, _ before: DiskImage.Node?, to after: DiskImage.Node?, by host: Int, at time: Duration
    ) {
        guard delay > .zero else { return }
        if isEmpty(at: time) { histories = [:] }
        count += 1
        lastChange = time
        histories[place, default: History(before: before)].entries.append(
            Entry(number: count, time: time, host: host, node: after))
        see(place, host)
    }

    /// A host has asked the server itself.
    mutating func see(_ place: DiskPlace, _ host: Int) {
        guard let last = histories[place]?.entries.last else { return }
        histories[place]?.seen[host] = last.number
    }

    /// What a host believes to be at a place where `current` is.
    func node(at place: DiskPlace, _ current: DiskImage.Node?, by host: Int, at time: Duration) -> DiskImage.Node? {
        guard let history = histories[place] else { return current }
        let seen = history.seen[host] ?? 0
        let last = history.entries.last { entry in
            entry.number <= seen || entry.host == host || entry.time + delay(of: entry, for: host) <= time
        }
        return last.map(\.node) ?? history.before
    }

    /// The names in a folder as a host believes them to be.
    func names(
        in folder: Int, _ current: [String: DiskImage.Node], by host: Int, at time: Duration
    ) -> [String: DiskImage.Node] {
        var names = current
        for place in histories.keys where place.folder == folder {
            names[place.name] = node(at: place, current[place.name], by: host, at: time)
        }
        return names
    }

    /// How late a host sees a change: some see it at once, some as late as can be.
    private func delay(of entry: Entry, for host: Int) -> Duration {
        var generator = SeededGenerator(seed: seed &+ entry.number &* 0x9E37 &+ UInt64(host) &* 0x1_0000_0001)
        let part = Int.random(in: 0..<12, using: &generator)
        return part < 3 ? .zero : part > 9 ? delay : delay * part / 10
    }
}
