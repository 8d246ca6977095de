import Ciphers
public import Files
public import SystemPackage
import Tensors
import Wire

/// Reads a `.ckpt` file.
///
/// Opening it reads names, types and shapes only; contents are read when asked for. What the file says is checked before it is
/// believed: no size makes it take memory for, or read, bytes that the file does not have. Like MindSpore's `load_checkpoint` it
/// takes packed dimensions, fields in any order and unknown ones, joins adjacent records of one name and lets a later entry
/// replace an earlier one; unlike it, contents must have exactly the size of type and shape.
public final class CkptReader: Sendable {
    /// The longest name in bytes. MindSpore has no limit; without one a damaged length could ask for gigabytes.
    public static let nameLimit = 1 << 16

    /// The most dimensions of a tensor: NumPy's limit.
    public static let dimensionLimit = 32

    private let file: any ReadableFile
    private let index: CkptIndex
    private let trailer: [UInt8]?

    /// Reads the index of a file.
    ///
    /// Throws ``FormatError/damaged(path:offset:_:)`` if it is no whole `.ckpt` file.
    public init(file: any ReadableFile) throws(FormatError) {
        self.file = file
        guard file.byteCount > 0 else { throw .damaged(path: file.path, offset: 0, .empty) }
        if let mode = try EncryptionMode.mode(of: file) {
            throw .damaged(path: file.path, offset: 0, .encrypted(mode))
        }
        trailer = try Self.trailer(of: file)
        let end = file.byteCount - (trailer?.count ?? 0)
        index = try CkptIndex(of: file, end: end)
    }

    /// Whether the file ends with a CRC.
    public var hasCRC: Bool { trailer != nil }

    /// The last bytes of the file, if they are a CRC. Like MindSpore, this takes any that look like one.
    private static func trailer(of file: any ReadableFile) throws(FormatError) -> [UInt8]? {
        let start = file.byteCount - CkptFraming.trailerByteCount
        guard start >= 0 else { return nil }
        let bytes = try FormatScanner(file).bytes(in: start..<file.byteCount)
        return bytes.starts(with: CkptFraming.crcMark) ? bytes : nil
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CkptReader: CheckpointReader {
    public var path: FilePath { file.path }
    public var entries: [CheckpointEntry] { index.entries }

    public func entry(named name: String) -> CheckpointEntry? {
        index.positions[name].map { index.entries[$0] }
    }

    public func read(
        _ name: String, from offset: Int, into bytes: inout MutableSpan<UInt8>
    ) throws(FormatError) {
        guard let position = index.positions[name] else { throw .missing(name: name, path: path) }
        let wanted = offset..<offset + bytes.count
        let byteCount = index.entries[position].byteCount
        precondition(
            offset >= 0 && wanted.upperBound <= byteCount, "bytes \(wanted) are not in the \(byteCount) of \(name)")
        var start = 0
        for piece in index.pieces[position] {
            let part = wanted.clamped(to: start..<start + piece.count)
            if !part.isEmpty {
                var target = bytes._mutatingExtracting(part.lowerBound - offset..<part.upperBound - offset)
                try file.fill(&target, at: piece.lowerBound + part.lowerBound - start)
            }
            start += piece.count
        }
    }

    public func verify() throws(FormatError) -> Bool {
        guard let trailer else { return false }
        let end = file.byteCount - trailer.count
        let scanner = FormatScanner(file)
        var crc = CRC32()
        for start in stride(from: 0, to: end, by: 1 << 20) {
            let bytes = try scanner.bytes(in: start..<min(start + 1 << 20, end))
            crc.update(bytes.span)
        }
        let computed = CkptFraming.trailer(crc: crc.value)
        guard trailer == computed else {
            throw .damaged(
                path: path, offset: end, .checksum(stored: number(in: trailer), computed: number(in: computed)))
        }
        return true
    }

    /// The number in a trailer in hexadecimal digits: it has 80 bits.
    private func number(in trailer: [UInt8]) -> String {
        trailer.dropFirst(CkptFraming.crcMark.count).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
