public import Checkpoints
import Files
import SystemPackage
import Tensors

/// A promise of ``CheckpointFormat`` that was not kept.
public struct FormatConformanceFailure: Error, CustomStringConvertible {
    /// The format and what it did, in one sentence.
    public let description: String
}

/// The promises that every ``CheckpointFormat`` keeps, checked on files in memory.
///
///     @Test(arguments: CheckpointFormats.all.indices) func keepsItsPromises(index: Int) throws {
///         try FormatConformance(CheckpointFormats.all[index]).run()
///     }
public struct FormatConformance {
    private let format: any CheckpointFormat

    /// Prepares to check a format.
    public init(_ format: any CheckpointFormat) {
        self.format = format
    }

    /// Checks everything; throws the first ``FormatConformanceFailure``.
    public func run() throws {
        try everythingComesBack()
        try piecesDoNotMatter()
        try partsAreReadAlone()
        try errorsOfTheFileSurface()
        try absentNamesAreMissing()
        try truncationIsFound()
        try flippedBitsAreFound()
    }

    /// Entries of every type the format stores without a CRC, and some it stores with one.
    private func entries(crc: Bool) -> [CheckpointEntry] {
        let types = ElementType.allCases.flatMap { type in
            [[], [1], [2, 3]].map { CheckpointEntry("\(type) \($0.count)/\"é\"", type, Shape($0)) }
        }
        let text = CheckpointEntry("text", .text(byteCount: 8))
        let options = FormatOptions(crc: crc)
        return (types + [text]).filter { (try? format.order(of: [$0], options: options)) != nil }
    }

    /// Contents that differ from entry to entry. Numbers are small: a CRC may count them in zeros.
    private func contents(of entry: CheckpointEntry) -> [UInt8] {
        if case .text = entry.kind { return CheckpointText.encode("é😀") }
        let first = UInt8(entry.name.utf8.count)
        let isNumber = entry.tensorType?.shape.rank == 0
        return (0..<UInt8(entry.byteCount)).map { isNumber ? ($0 == 0 ? first : 0) : first &+ $0 &* 37 }
    }

    private func write(_ entries: [CheckpointEntry], crc: Bool, piece: Int = .max) throws -> [UInt8] {
        let file = MemoryFile()
        let options = FormatOptions(crc: crc)
        let writer = try format.writer(to: file, of: entries, options: options)
        for index in try format.order(of: entries, options: options) {
            let contents = contents(of: entries[index])
            try writer.begin(entries[index])
            for start in stride(from: 0, to: contents.count, by: min(piece, contents.count)) {
                let end = min(start + min(piece, contents.count), contents.count)
                try writer.append(contents.span.extracting(start..<end))
            }
        }
        try writer.finish()
        return file.bytes
    }

    private func read(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
        let reader = try format.reader(of: MemoryReadableFile(bytes))
        var found: [String: [UInt8]] = [:]
        for entry in reader.entries { found[entry.name] = try reader.contents(of: entry.name) }
        return found
    }

    private func check(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
        guard condition else { throw FormatConformanceFailure(description: "\(format.fileExtension): \(sentence())") }
    }

    private func everythingComesBack() throws {
        for crc in [false, true] {
            let entries = entries(crc: crc)
            let reader = try format.reader(of: MemoryReadableFile(try write(entries, crc: crc)))
            try check(Set(reader.entries) == Set(entries), "the entries read are not those written")
            for entry in entries {
                try check(
                    try reader.contents(of: entry.name) == contents(of: entry),
                    "the contents of \(entry.name) are not those written")
            }
            try check(try reader.verify() == crc, "with CRC \(crc) the file verifies as \(!crc)")
        }
    }

    private func piecesDoNotMatter() throws {
        let entries = entries(crc: true)
        let whole = try write(entries, crc: true)
        for piece in [1, 3, 7] {
            try check(try write(entries, crc: true, piece: piece) == whole, "pieces of \(piece) bytes change the file")
        }
    }

    private func partsAreReadAlone() throws {
        let entry = CheckpointEntry("w", .uint8, [9])
        let contents = contents(of: entry)
        let reader = try format.reader(of: MemoryReadableFile(try write([entry], crc: false)))
        for start in 0...9 {
            for end in start...9 {
                var bytes = [UInt8](repeating: 0xFF, count: end - start)
                var span = bytes.mutableSpan
                try reader.read("w", from: start, into: &span)
                try check(bytes == Array(contents[start..<end]), "bytes \(start)..<\(end) were not read alone")
            }
        }
    }

    private func errorsOfTheFileSurface() throws {
        let entry = CheckpointEntry("w", .uint8, [9])
        do {
            let writer = try format.writer(to: FullFile(), of: [entry])
            try writer.write(entry, contents(of: entry).span)
            try writer.finish()
        } catch FormatError.file(let error) where error == FullFile.error {
            return
        }
        try check(false, "the error of a full disk was lost")
    }

    private func absentNamesAreMissing() throws {
        let reader = try format.reader(of: MemoryReadableFile(try write([CheckpointEntry("w", .bool, [])], crc: false)))
        try check(reader.entry(named: "v") == nil, "there is an entry that nobody wrote")
        do {
            _ = try reader.tensor("v")
        } catch FormatError.missing(name: "v", _) {
            return
        }
        try check(false, "an absent tensor was read")
    }

    private func truncationIsFound() throws {
        let sound = try write(entries(crc: false), crc: false)
        let all = try read(sound)
        for count in sound.indices {
            guard let found = try? read(Array(sound.prefix(count))) else { continue }
            try check(found.allSatisfy { all[$0.key] == $0.value }, "cut at byte \(count), contents are wrong")
            try check(found.count < all.count, "cut at byte \(count), nothing is missing")
        }
    }

    private func flippedBitsAreFound() throws {
        let entries = ["a", "b"].map { CheckpointEntry($0, .float32, [3]) }
        let sound = try write(entries, crc: true)
        let all = try read(sound)
        for index in sound.indices {
            for bit in 0..<8 {
                var bytes = sound
                bytes[index] ^= 1 << bit
                guard let reader = try? format.reader(of: MemoryReadableFile(bytes)), (try? reader.verify()) == true
                else { continue }
                let found = try read(bytes)
                try check(found == all, "bit \(bit) of byte \(index) flipped passes the CRC and changes contents")
            }
        }
    }
}

/// A file on a full disk.
private final class FullFile: WritableFile {
    static let error = FileError("write", "full", .noSpace)

    func write(_ bytes: RawSpan) throws(FileError) { throw Self.error }
    func synchronize() throws(FileError) { throw Self.error }
    func close() {}
}
