public import Wire

/// Reads the wire format of protobuf in `.mindir` files.
typealias MessageScanner = WireScanner<MindIRError>

extension MindIRError: WireFailure {}

extension MindIRDamage: WireDamage {}

extension MessageScanner {
    typealias Field = WireField

    /// The longest name or description of a value, in bytes.
    static var textLimit: Int { 1 << 16 }

    /// A number.
    func integer(of field: Field) throws(MindIRError) -> Int { Int(truncatingIfNeeded: try bits(of: field)) }

    /// Numbers, one of several such fields or all in one field.
    mutating func integers(of field: Field) throws(MindIRError) -> [Int] {
        if case .bytes(let range) = field.value { try checkSize(of: range, limit: Self.textLimit) }
        return try allBits(of: field).map { Int(truncatingIfNeeded: $0) }
    }

    /// A string.
    func text(of field: Field) throws(MindIRError) -> String {
        let bytes = try bytes(in: try range(of: field), limit: Self.textLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw damage(field.offset, .recordInvalid) }
        return text
    }

    /// The bytes in a range, of which there must not be more than `limit`.
    func bytes(in range: Range<Int>, limit: Int) throws(MindIRError) -> [UInt8] {
        try checkSize(of: range, limit: limit)
        return try bytes(in: range)
    }

    private func checkSize(of range: Range<Int>, limit: Int) throws(MindIRError) {
        guard range.count <= limit else {
            throw damage(range.lowerBound, .recordTooLong(byteCount: range.count, limit: limit))
        }
    }
}
