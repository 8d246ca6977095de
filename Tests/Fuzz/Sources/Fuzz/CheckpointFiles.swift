import Checkpoints
import CheckpointsTestKit
import Files

func readCkpt(_ bytes: [UInt8]) throws {
    let reader = try CkptReader(file: StrictFile(bytes, "x.ckpt"))
    try comesBack(reader, as: CkptFormat())
    try comesBack(reader, as: SafetensorsFormat())
}

func readSafetensors(_ bytes: [UInt8]) throws {
    try comesBack(SafetensorsReader(file: StrictFile(bytes, "x.safetensors")), as: SafetensorsFormat())
}

/// Reads everything, in one piece and in parts, writes it and reads that: nothing may be lost or changed.
private func comesBack(_ reader: any CheckpointReader, as format: any CheckpointFormat) throws {
    let contents = try reader.entries.map { try readAll($0, in: reader) }
    _ = try? reader.verify()
    let file = MemoryFile()
    let writer = try format.writer(to: file, of: reader.entries)
    for index in try format.order(of: reader.entries) {
        try writer.begin(reader.entries[index])
        let part = contents[index]
        try writer.append(part.span)
    }
    try writer.finish()

    let kept = zip(reader.entries, contents).filter { format is SafetensorsFormat || !$1.isEmpty }
    if kept.isEmpty { return }
    do {
        let again = try format.reader(of: StrictFile(file.bytes, "again"))
        require(again.entries.count == kept.count, "\(again.entries.count) of \(kept.count) entries come back")
        for (entry, bytes) in kept {
            require(again.entry(named: entry.name) == entry, "\(entry) becomes \(again.entries)")
            require(try again.contents(of: entry.name) == bytes, "\(entry.name) changes")
        }
    } catch {
        require(false, "what was written cannot be read: \(error)")
    }
}

private func readAll(_ entry: CheckpointEntry, in reader: any CheckpointReader) throws -> [UInt8] {
    require(reader.entry(named: entry.name) == entry, "\(entry.name) is not found")
    let all = try reader.contents(of: entry.name)
    require(all.count == entry.byteCount, "\(entry.name) has \(all.count) bytes, not \(entry.byteCount)")
    if all.count > 2 {
        var part = [UInt8](repeating: 0, count: all.count - 2)
        var span = part.mutableSpan
        try reader.read(entry.name, from: 1, into: &span)
        require(part[...] == all[1..<all.count - 1], "a part of \(entry.name) is another one")
    }
    if case .text = entry.kind { _ = try? reader.text(entry.name) }
    _ = try? reader.integer(entry.name)
    _ = try? reader.tensor(entry.name)
    return all
}
