import Files
import SystemPackage

/// A ZIP archive, as far as NumPy writes them: members that are stored or deflated, with 64-bit sizes where they need them.
struct ZipArchive {
    struct Entry: Sendable {
        let name: String
        let isDeflated: Bool
        let checksum: UInt32
        let packedByteCount: Int
        let byteCount: Int
        let headerOffset: Int
    }

    let path: FilePath
    let entries: [Entry]
    private let bytes: FileSlice

    /// The most members that are looked at.
    private static let entryLimit = 65_535

    init(_ bytes: FileSlice, path: FilePath) throws {
        self.path = path
        self.bytes = bytes
        let (directory, count) = try Self.directory(of: bytes, path)
        var reader = ZipFields(try bytes[directory].contents(), path, at: directory.lowerBound)
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try Self.entry(&reader)) }
        self.entries = entries
    }

    /// Where the list of members lies, and how many they are.
    private static func directory(of bytes: FileSlice, _ path: FilePath) throws -> (Range<Int>, Int) {
        // At the end stands a record of 22 bytes and a comment of up to 65,535.
        let tailStart = max(bytes.count - 22 - 65_535, 0)
        let tail = try bytes[tailStart..<bytes.count].contents()
        let mark: [UInt8] = [0x50, 0x4B, 5, 6]
        guard tail.count >= 22,
            let place = (0...tail.count - 22).last(where: { tail[$0..<$0 + 4].elementsEqual(mark) })
        else {
            throw DataError.badFile(
                path, "is no ZIP archive: the record that ends one is missing, so it is cut off or of another kind")
        }
        var end = ZipFields(Array(tail[place...]), path, at: tailStart + place)
        end.skip(10)
        var (count, size, start) = (Int(try end.number(2)), Int(try end.number(4)), Int(try end.number(4)))
        if start == 0xFFFF_FFFF || count == 0xFFFF || size == 0xFFFF_FFFF, place + tailStart >= 20 {
            let at = place + tailStart - 20
            var locator = ZipFields(try bytes[at..<at + 20].contents(), path, at: at)
            if try locator.number(4) == 0x0706_4B50 {
                locator.skip(4)
                let record = try locator.size()
                guard record <= bytes.count - 56 else { throw locator.problem("a place beyond the file") }
                var large = ZipFields(try bytes[record..<record + 56].contents(), path, at: record)
                guard try large.number(4) == 0x0606_4B50 else { throw large.problem("another record than the list's") }
                large.skip(28)
                (count, size, start) = (try large.size(), try large.size(), try large.size())
            }
        }
        guard count <= entryLimit, start <= bytes.count, size <= bytes.count - start else {
            throw DataError.badFile(
                path, "claims a list of \(count) members in \(size) bytes at byte \(start), which it does not have")
        }
        return (start..<start + size, count)
    }

    private static func entry(_ reader: inout ZipFields) throws -> Entry {
        guard try reader.number(4) == 0x0201_4B50 else { throw reader.problem("no member of the list") }
        reader.skip(4)
        let flags = try reader.number(2)
        let method = try reader.number(2)
        reader.skip(4)
        let checksum = UInt32(try reader.number(4))
        var (packed, plain) = (try reader.number(4), try reader.number(4))
        let lengths = (Int(try reader.number(2)), Int(try reader.number(2)), Int(try reader.number(2)))
        reader.skip(8)
        var offset = try reader.number(4)
        let nameBytes = try reader.bytes(lengths.0)
        var extra = ZipFields(try reader.bytes(lengths.1), reader.path, at: reader.position - lengths.1)
        reader.skip(lengths.2)
        guard let name = String(validating: nameBytes, as: UTF8.self) else {
            throw reader.problem("a name that is no text")
        }
        guard flags & 1 == 0 else { throw reader.problem("the encrypted member '\(name.visible)'") }
        guard method == 0 || method == 8 else {
            throw reader.problem(
                "the member '\(name.visible)' packed by method \(method); 0 and 8 are allowed, which NumPy writes")
        }
        while !extra.isAtEnd {
            let (kind, length) = (try extra.number(2), Int(try extra.number(2)))
            var field = ZipFields(try extra.bytes(length), reader.path, at: extra.position)
            guard kind == 1 else { continue }
            if plain == 0xFFFF_FFFF { plain = try field.number(8) }
            if packed == 0xFFFF_FFFF { packed = try field.number(8) }
            if offset == 0xFFFF_FFFF { offset = try field.number(8) }
        }
        let numbers = [packed, plain, offset].compactMap { Int(exactly: $0).flatMap(OutsideNumber.init)?.value }
        guard numbers.count == 3 else { throw reader.problem("sizes of '\(name.visible)' that no file has") }
        return Entry(
            name: name, isDeflated: method == 8, checksum: checksum, packedByteCount: numbers[0], byteCount: numbers[1],
            headerOffset: numbers[2])
    }

    /// What is in a member; one that is deflated is unpacked into memory, and compared with its checksum.
    func contents(of entry: Entry, path: FilePath) throws -> FileSlice {
        guard entry.headerOffset <= bytes.count - 30 else {
            throw DataError.badFile(path, "is claimed to lie at byte \(entry.headerOffset), beyond the archive")
        }
        let end = entry.headerOffset + 30
        var header = ZipFields(try bytes[entry.headerOffset..<end].contents(), path, at: entry.headerOffset)
        guard try header.number(4) == 0x0403_4B50 else { throw header.problem("no member") }
        header.skip(22)
        let start = end + Int(try header.number(2)) + Int(try header.number(2))
        guard start <= bytes.count, entry.packedByteCount <= bytes.count - start else {
            throw DataError.badFile(
                path, "is cut off: it has \(entry.packedByteCount) bytes at byte \(start) of \(bytes.count)")
        }
        let packed = bytes[start..<start + entry.packedByteCount]
        guard entry.isDeflated else {
            guard entry.packedByteCount == entry.byteCount else {
                throw DataError.badFile(path, "has \(entry.packedByteCount) bytes, and claims \(entry.byteCount)")
            }
            return packed
        }
        let gzip = DeflatedMember(packed, checksum: entry.checksum, byteCount: entry.byteCount, path: path)
        let size = entry.byteCount
        let plain = try DataFile.inflated(
            gzip, limit: .max, ExpectedSize(startByteCount: 1) { _ in size })
        return FileSlice(plain ?? [], path: path)
    }
}

/// Deflated data as the gzip file that they would be: with a header before them, checksum and size behind.
private final class DeflatedMember: ReadableFile {
    let path: FilePath
    private let packed: FileSlice
    private let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    private let trailer: [UInt8]

    init(_ packed: FileSlice, checksum: UInt32, byteCount: Int, path: FilePath) {
        self.path = path
        self.packed = packed
        trailer = [checksum, UInt32(truncatingIfNeeded: byteCount)].flatMap { number in
            [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
        }
    }

    var byteCount: Int { header.count + packed.count + trailer.count }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        let first = max(offset - header.count, 0)
        let last = min(offset + bytes.count - header.count, packed.count)
        let middle = try first < last ? packed[first..<last].contents() : []
        for index in bytes.indices {
            let place = offset + index - header.count
            if place < 0 {
                bytes[index] = header[offset + index]
            } else if place < packed.count {
                bytes[index] = middle[place - first]
            } else {
                bytes[index] = trailer[place - packed.count]
            }
        }
    }
}

/// Little-endian numbers, one after the other, of which none is read beyond the end.
private struct ZipFields {
    let path: FilePath
    private let contents: [UInt8]
    private let start: Int
    private var offset = 0

    init(_ contents: [UInt8], _ path: FilePath, at start: Int) {
        self.contents = contents
        self.path = path
        self.start = start
    }

    /// Where the next field lies in the file.
    var position: Int { start + offset }

    var isAtEnd: Bool { offset >= contents.count }

    mutating func skip(_ count: Int) { offset += count }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard offset <= contents.count, count <= contents.count - offset else {
            throw problem("less than its fields need")
        }
        defer { offset += count }
        return Array(contents[offset..<offset + count])
    }

    mutating func number(_ byteCount: Int) throws -> UInt64 {
        try bytes(byteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A size or a place of 64 bits.
    mutating func size() throws -> Int {
        let number = try number(8)
        guard let size = Int(exactly: number).flatMap(OutsideNumber.init)?.value else {
            throw problem("the size \(number)")
        }
        return size
    }

    func problem(_ found: String) -> DataError {
        DataError.badFile(path, "is a damaged ZIP archive: before byte \(position) there is \(found)")
    }
}
