import Files
package import RandomTestKit
import SystemPackage

/// Draws faults that a disk may have in a run.
package struct DiskFaults: Sendable {
    /// How many hosts use the disk, which count from 0.
    package var hosts: Int

    /// How many operations it may do: occasions lie among these.
    package var operations: Int

    /// What paths end in that are worth a fault.
    package var suffixes: [String]

    /// The faults that may be drawn.
    package var effects: [DiskFault.Effect]

    package init(
        hosts: Int, operations: Int, suffixes: [String] = DiskFaults.suffixes,
        effects: [DiskFault.Effect] = DiskFaults.effects
    ) {
        precondition(hosts > 0 && operations > 0, "\(hosts) hosts, \(operations) operations")
        self.hosts = hosts
        self.operations = operations
        self.suffixes = suffixes
        self.effects = effects
    }

    /// The names that runs give their files.
    package static let suffixes = [
        ".ckpt", ".manifest.json", ".pending", "status.json", ".tmp", ".lock", ".safetensors",
    ]

    /// Each kind that there is, some with several errors or times.
    package static let effects: [DiskFault.Effect] = [
        .fails(.ioError), .fails(.ioError), .fails(.permissionDenied), .fails(.staleNFSFileHandle),
        .noRoom(.noSpace, forOperations: nil), .noRoom(.noSpace, forOperations: 3),
        .noRoom(.diskQuotaExceeded, forOperations: 1), .noRoom(.diskQuotaExceeded, forOperations: nil), .readOnly,
        .shortWrite(.noSpace), .shortWrite(.ioError), .succeedsUnheard(.ioError), .otherBytes(isLasting: false),
        .otherBytes(isLasting: true), .slow(.milliseconds(300)), .slow(.seconds(20)), .slow(.seconds(400)), .stalls,
        .dropsBytes, .dropsBytes, .kills,
    ]

    /// The kinds of operations that each fault can do harm in.
    private static let operations: [FileOperation] = [
        .create, .open, .rename, .delete, .deleteDirectory, .lock, .makeDirectory, .synchronize, .lookAt, .list, .write,
        .close, .read,
    ]

    /// Draws so many faults.
    package func draw(_ count: Int, from chance: inout Chance) -> [DiskFault] {
        (0..<count).compactMap { _ in fault(from: &chance) }
    }

    private func fault(from chance: inout Chance) -> DiskFault? {
        guard let effect = chance.one(of: effects) else { return nil }
        let host = chance.happens(onceIn: 2) ? nil : chance.number(below: hosts)
        // Some by their place in the run, whatever they meet; most by what they meet, which is rarer.
        if chance.happens(onceIn: 3), effect.suitsAll {
            return DiskFault(effect, at: .init(1 + chance.number(below: operations), host: host))
        }
        let operation = chance.one(of: Self.operations.filter(effect.suits))
        let suffix = chance.happens(onceIn: 2) ? "" : chance.one(of: suffixes) ?? ""
        // Directories and what is asked of all paths have no such names.
        let isOfFolders = [.list, .makeDirectory, .deleteDirectory].contains(operation)
        let number = 1 + chance.number(below: 1 + chance.number(below: max(operations / 8, 1)))
        return DiskFault(effect, at: .init(number, operation, on: isOfFolders ? "" : suffix, host: host))
    }
}

extension DiskFault.Effect {
    /// Whether it can do its harm in operations of every kind.
    fileprivate var suitsAll: Bool {
        switch self {
        case .otherBytes, .dropsBytes: false
        default: true
        }
    }
}
