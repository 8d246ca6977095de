import Files
import RandomTestKit

/// What becomes of bytes that were not synchronized.
private enum ByteLoss: CaseIterable {
    case nothing
    case all
    /// Only the first blocks stay.
    case tail
    /// Blocks among them are zeros.
    case holes
}

/// How one failure treats all that was not synchronized.
private enum Mercy: CaseIterable { case nothing, everything, first, some, any }

extension DiskImage {
    /// The disk after power failed: of what was not synchronized, any part is there, as chance has it.
    ///
    /// What POSIX and journals promise holds: what was synchronized stays, a move happens whole or not at all, and a name
    /// has one history. Bytes and names are lost apart from each other: a name may lead to an empty file.
    func afterPowerFailure(_ chance: inout Chance, losses: inout [DiskStrike: Int]) -> DiskImage {
        var image = self
        image.keepNames(by: &chance, &losses)
        let mercy = chance.one(of: Mercy.allCases) ?? .nothing
        // Sorted: the order in a set differs from process to process.
        for number in dirtyFiles.sorted() {
            guard let before = files[number] else { continue }
            var after = before
            let loss: ByteLoss = mercy == .everything ? .nothing : mercy == .nothing ? .all : Self.loss(&chance)
            after.lose(loss, from: before.stableCount, &chance)
            after.settle()
            image.files[number] = after
            note(before, after, &losses)
        }
        image.dirtyFiles = []
        return image
    }

    private static func loss(_ chance: inout Chance) -> ByteLoss { chance.one(of: ByteLoss.allCases) ?? .nothing }

    private func note(_ before: File, _ after: File, _ losses: inout [DiskStrike: Int]) {
        guard after.bytes != before.bytes else { return }
        let kind: DiskStrike.Kind =
            after.bytes.count == before.bytes.count
            ? .holes : after.bytes.count == before.stableCount ? .lostBytes : .tornBytes
        losses[DiskStrike(kind: kind, operation: .write), default: 0] += 1
    }

    private mutating func keepNames(by chance: inout Chance, _ losses: inout [DiskStrike: Int]) {
        let mercy = chance.one(of: Mercy.allCases) ?? .nothing
        let firstCount = chance.number(below: pending.count + 1)
        var lostPlaces: Set<DiskPlace> = []
        var lostFolders: Set<Int> = []
        var isAnyLost = false
        for (index, change) in pending.enumerated() {
            let isSpared =
                switch mercy {
                case .nothing: false
                case .everything: true
                case .first: index < firstCount
                case .some, .any: chance.happens(onceIn: 2)
                }
            let hasGround = change.neededFolder.map { !lostFolders.contains($0) } ?? true
            if isSpared, hasGround, !change.assignments.contains(where: { lostPlaces.contains($0.place) }) {
                keep(change)
                // What is made in a lost folder is lost with it.
                lostFolders.formUnion(change.foldersMade { lostFolders.contains($0) })
                if isAnyLost { losses[DiskStrike(kind: .reorderedName, operation: change.operation), default: 0] += 1 }
            } else {
                isAnyLost = true
                lostPlaces.formUnion(change.assignments.map(\.place))
                lostFolders.formUnion(change.foldersMade())
                losses[DiskStrike(kind: .lostName, operation: change.operation), default: 0] += 1
            }
        }
        for folder in Set(pending.flatMap { $0.assignments.map(\.place.folder) }) {
            if let names = folders[folder]?.stableNames { folders[folder]?.names = names }
        }
        pending = []
    }

    /// Takes from a host that died without the storage what it had not sent there: any part of it is there.
    mutating func loseUnsentBytes(of host: Int, _ chance: inout Chance, losses: inout [DiskStrike: Int]) {
        for number in dirtyFiles.sorted() {
            guard let before = files[number], before.host == host, before.flushedCount < before.bytes.count else {
                continue
            }
            var after = before
            after.lose(Self.loss(&chance), from: before.flushedCount, &chance)
            if after.bytes != before.bytes {
                losses[DiskStrike(kind: .unsentBytes, operation: .write), default: 0] += 1
            }
            after.flushedCount = after.bytes.count
            files[number] = after
        }
    }
}

extension DiskImage.File {
    /// What a disk writes at once, and whole.
    private static let blockByteCount = 512

    /// All that is here is on stable storage.
    fileprivate mutating func settle() {
        for range in lostRanges { bytes.clear(range) }
        lostRanges = []
        flushedCount = bytes.count
        stableCount = bytes.count
    }

    /// Loses bytes behind the first `base`.
    fileprivate mutating func lose(_ loss: ByteLoss, from base: Int, _ chance: inout Chance) {
        let block = Self.blockByteCount
        // Blocks begin where the file does, and none of what stands before `base` goes with the one that it ends in.
        let blocks = base / block..<max((bytes.count + block - 1) / block, base / block)
        switch loss {
        case .nothing: break
        case .all: bytes.removeLast(bytes.count - base)
        case .tail:
            let kept = blocks.lowerBound + chance.number(below: blocks.count + 1)
            bytes.removeLast(bytes.count - min(max(kept * block, base), bytes.count))
        case .holes:
            for number in blocks where chance.happens(onceIn: 2) {
                bytes.clear(max(number * block, base)..<max((number + 1) * block, base))
            }
        }
    }
}
