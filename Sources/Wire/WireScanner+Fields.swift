extension WireScanner {
    /// Calls `body` with each field of the message in a range, of which it may scan the contents.
    public mutating func forEachField(
        in message: Range<Int>, _ body: (inout WireScanner, WireField) throws(Failure) -> Void
    ) throws(Failure) {
        var offset = message.lowerBound
        while let field = try next(&offset, end: message.upperBound) { try body(&self, field) }
    }

    /// Where the contents of a message or a string lie.
    public func range(of field: WireField) throws(Failure) -> Range<Int> {
        guard case .bytes(let range) = field.value else {
            throw damage(field.offset, .fieldType(number: field.number))
        }
        return range
    }

    /// A number as it lies in the file.
    public func bits(of field: WireField) throws(Failure) -> UInt64 {
        guard case .integer(let value) = field.value else {
            throw damage(field.offset, .fieldType(number: field.number))
        }
        return value
    }

    /// Numbers as they lie in the file: one of several such fields, or all in one field that the caller has found small
    /// enough.
    public mutating func allBits(of field: WireField) throws(Failure) -> [UInt64] {
        guard case .bytes(let range) = field.value else { return [try bits(of: field)] }
        var numbers: [UInt64] = []
        var offset = range.lowerBound
        while offset < range.upperBound { numbers.append(try integer(&offset, end: range.upperBound)) }
        return numbers
    }
}
