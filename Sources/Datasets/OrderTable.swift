import Synchronization

/// The order of an epoch as a table, which all ranks of a process have in common: a thousand simulated ones would otherwise
/// make a thousand tables of some megabytes each.
final class OrderTable: Sendable {
    /// What it is computed from.
    struct Key: Hashable, Sendable {
        let count: Int
        let seed: UInt64
        let epoch: Int
    }

    private struct Known: Sendable {
        weak var table: OrderTable?
    }

    /// Those that somebody has.
    private static let known = Mutex<[Key: Known]>([:])

    let places: [Int]

    init(_ places: [Int]) {
        self.places = places
    }

    /// The table of an epoch, made now unless somebody has it.
    static func shared(_ key: Key, _ make: () -> [Int]) -> OrderTable {
        known.withLock { known in
            if let table = known[key]?.table { return table }
            let table = OrderTable(make())
            known = known.filter { $0.value.table != nil }
            known[key] = Known(table: table)
            return table
        }
    }
}
