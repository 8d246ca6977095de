import Memory
public import SystemPackage
public import Tensors

/// A checkpoint file open for reading: its entries are known, their contents are read when asked for.
public protocol CheckpointReader: AnyObject, Sendable {
    /// The file.
    var path: FilePath { get }

    /// What the file holds, in its order.
    var entries: [CheckpointEntry] { get }

    /// The entry of a name, or nil.
    func entry(named name: String) -> CheckpointEntry?

    /// Fills `bytes` with contents of an entry from byte `offset` of them on, without touching the rest of the file.
    func read(_ name: String, from offset: Int, into bytes: inout MutableSpan<UInt8>) throws(FormatError)

    /// Compares the CRC in the file with its bytes; false if it has none.
    ///
    /// Throws ``FormatDamage/checksum(stored:computed:)`` if they differ.
    func verify() throws(FormatError) -> Bool
}

extension CheckpointReader {
    /// All contents of an entry.
    public func contents(of name: String) throws(FormatError) -> [UInt8] {
        guard let entry = entry(named: name) else { throw .missing(name: name, path: path) }
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        var span = bytes.mutableSpan
        try read(name, from: 0, into: &span)
        return bytes
    }

    /// A tensor with memory of its own.
    public func tensor(_ name: String) throws(FormatError) -> Tensor {
        guard let entry = entry(named: name) else { throw .missing(name: name, path: path) }
        if case .foreign(let type) = entry.kind { throw .notSupported(name: name, path: path, type) }
        guard let type = entry.tensorType else { throw .wrongKind(name: name, path: path, wanted: "tensor") }
        let tensor = Tensor(zeros: type.shape, elementType: type.elementType)
        var span = tensor.bytes.mutableSpan
        try read(name, from: 0, into: &span)
        return tensor
    }

    /// A string.
    public func text(_ name: String) throws(FormatError) -> String {
        guard let entry = entry(named: name) else { throw .missing(name: name, path: path) }
        guard case .text = entry.kind, let text = CheckpointText.decode(try contents(of: name)) else {
            throw .wrongKind(name: name, path: path, wanted: "string")
        }
        return text
    }

    /// A whole number: a tensor of one element of any integer type.
    public func integer(_ name: String) throws(FormatError) -> Int {
        let tensor = try tensor(name)
        guard tensor.elementCount == 1 else { throw .wrongKind(name: name, path: path, wanted: "number") }
        let bytes = tensor.bytes.span
        let bits = bytes.indices.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64(bytes[$1]) }
        switch tensor.elementType {
        case .uint8, .uint16, .uint32: return Int(bits)
        case .int8: return Int(Int8(truncatingIfNeeded: bits))
        case .int16: return Int(Int16(truncatingIfNeeded: bits))
        case .int32: return Int(Int32(truncatingIfNeeded: bits))
        case .int64: return Int(truncatingIfNeeded: bits)
        case .uint64 where bits <= UInt64(Int.max): return Int(bits)
        default: throw .wrongKind(name: name, path: path, wanted: "whole number")
        }
    }
}
