public import Files
public import SystemPackage
import Tensors
import Wire

/// Reads a `.safetensors` file, of MindSpore or any other writer.
///
/// Opening it reads the header only. As the `safetensors` package does, it demands that the contents follow each other
/// without gaps to the very end of the file, takes the members of the header in any order, and passes over members of
/// tensors that it does not know.
public final class SafetensorsReader: Sendable {
    private let file: any ReadableFile
    private let header: SafetensorsHeader

    /// Reads the header of a file.
    ///
    /// Throws ``FormatError/damaged(path:offset:_:)`` if it is no whole `.safetensors` file.
    public init(file: any ReadableFile) throws(FormatError) {
        self.file = file
        header = try SafetensorsHeader(of: file)
    }

    /// The texts in the header: MindSpore writes `format`, `remove_redundancy` and `crc_num`.
    public var metadata: [String: String] {
        Dictionary(header.metadata.map { ($0.key.text, $0.value) }) { _, last in last }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SafetensorsReader: CheckpointReader {
    public var path: FilePath { file.path }
    public var entries: [CheckpointEntry] { header.entries }

    public func entry(named name: String) -> CheckpointEntry? {
        header.positions[name].map { header.entries[$0] }
    }

    public func read(
        _ name: String, from offset: Int, into bytes: inout MutableSpan<UInt8>
    ) throws(FormatError) {
        guard let position = header.positions[name] else { throw .missing(name: name, path: path) }
        let contents = header.contents[position]
        precondition(
            offset >= 0 && offset + bytes.count <= contents.count,
            "bytes \(offset)..<\(offset + bytes.count) are not in the \(contents.count) of \(name)")
        try file.fill(&bytes, at: contents.lowerBound + offset)
    }

    public func verify() throws(FormatError) -> Bool {
        guard let stored = header.metadata["crc_num"] else { return false }
        let scanner = FormatScanner(file)
        var crc = SafetensorsCRC()
        for index in entries.indices.sorted(by: { ByteName(entries[$0].name) < ByteName(entries[$1].name) }) {
            crc.begin(entries[index])
            let contents = header.contents[index]
            for start in stride(from: contents.lowerBound, to: contents.upperBound, by: 1 << 20) {
                let bytes = try scanner.bytes(in: start..<min(start + 1 << 20, contents.upperBound))
                try crc.append(bytes.span)
            }
        }
        guard stored == "\(crc.value)" else {
            throw .damaged(path: path, offset: 8, .checksum(stored: stored, computed: "\(crc.value)"))
        }
        return true
    }
}
