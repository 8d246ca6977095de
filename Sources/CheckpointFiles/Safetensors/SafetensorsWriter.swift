import Files
import Tensors

/// Writes a `.safetensors` file: a header with all entries, then their contents without gaps.
///
/// With a CRC the contents pass twice, first for the number in the header, then for the file.
final class SafetensorsWriter: CheckpointWriter {
    private let file: any WritableFile
    private let entries: [CheckpointEntry]
    private let order: [Int]
    private let options: FormatOptions

    /// How many entries of `order` have been begun.
    private var begun = 0
    private var bytesLeft = 0
    private var crc = SafetensorsCRC()

    init(to file: any WritableFile, entries: [CheckpointEntry], order: [Int], options: FormatOptions) {
        self.file = file
        self.entries = entries
        self.order = order
        self.options = options
    }

    /// The place in `order` where the data begin.
    private var dataStart: Int { order.count - entries.count }

    func begin(_ entry: CheckpointEntry) throws(FormatError) {
        checkComplete()
        precondition(
            begun < order.count && entries[order[begun]] == entry,
            "\(entry.name) is not the entry at place \(begun) of the order")
        if begun == dataStart { try putHeader() }
        begun += 1
        bytesLeft = entry.byteCount
        if begun <= dataStart { crc.begin(entry) }
    }

    func append(_ bytes: Span<UInt8>) throws(FormatError) {
        precondition(bytes.count <= bytesLeft, "\(bytes.count) bytes where \(bytesLeft) are missing")
        bytesLeft -= bytes.count
        if begun <= dataStart { return try crc.append(bytes) }
        try file.put(bytes)
    }

    func finish() throws(FormatError) {
        checkComplete()
        precondition(begun == order.count, "\(order.count - begun) of \(order.count) entries are missing")
        if entries.isEmpty { try putHeader() }
    }

    private func checkComplete() {
        precondition(bytesLeft == 0, "\(bytesLeft) bytes are missing at place \(begun - 1) of the order")
    }

    private func putHeader() throws(FormatError) {
        var members: [String] = entries.isEmpty ? [] : [metadata]
        var offset = 0
        for index in order[dataStart...] {
            guard let type = entries[index].tensorType else { fatalError("\(entries[index].name) is no tensor") }
            let end = offset + type.byteCount
            let name = SafetensorsFormat.typeNames[try SafetensorsFormat.rank(of: entries[index])].name
            let shape = type.shape.dimensions.map(String.init).joined(separator: ",")
            members.append(
                "\(HeaderJSON.text(entries[index].name)):"
                    + "{\"dtype\":\"\(name)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        try file.put((littleEndianBytes(of: UInt64(header.count)) + header).span)
    }

    /// The member `__metadata__`. MindSpore's order in it is random.
    private var metadata: String {
        var pairs = [("format", "ms")]
        if let removed = options.removeRedundancy { pairs.append(("remove_redundancy", removed ? "True" : "False")) }
        if options.crc { pairs.append(("crc_num", "\(crc.value)")) }
        for index in order[dataStart...] where entries[index].tensorType?.elementType == .int4 {
            pairs.append((entries[index].name, ElementType.int4.mindSporeName))
        }
        let members = pairs.map { "\(HeaderJSON.text($0.0)):\(HeaderJSON.text($0.1))" }
        return "\"__metadata__\":{\(members.joined(separator: ","))}"
    }
}
