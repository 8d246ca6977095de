/// Divides CSV (RFC 4180) into records, as its bytes come piece by piece.
///
/// Fields may stand in quotes, a quote in them doubled; lines end with LF or CRLF; empty lines are passed over.
struct CSVScanner {
    private enum State { case fieldBegin, plain, quoted, quoteInQuotes }

    /// The most bytes of a record: more is a quote that somebody forgot.
    static let recordLimit = 16 << 20

    /// The most fields of a record: each takes more memory than its separator.
    static let fieldLimit = 1 << 20

    private let separator: UInt8
    private var state = State.fieldBegin
    private var record = CSVRecord(line: 1)
    private var line = 1
    private var isFirst = true

    init(separator: UInt8) { self.separator = separator }

    /// Hears of the next bytes, and gives each record that they end to `body`.
    mutating func take(_ piece: [UInt8], _ body: (CSVRecord) throws -> Void) throws {
        var piece = piece[...]
        if isFirst, piece.starts(with: [0xEF, 0xBB, 0xBF]) { piece = piece.dropFirst(3) }
        isFirst = false
        for byte in piece {
            if try take(byte) { try end(body) }
        }
        guard record.bytes.count <= Self.recordLimit else {
            throw FieldProblem(words: "begins a record of more than \(Self.recordLimit) bytes; is a quote left open?")
        }
    }

    /// Says that nothing follows.
    mutating func finish(_ body: (CSVRecord) throws -> Void) throws {
        guard state != .quoted else { throw FieldProblem(words: "begins a record in which a quote is left open") }
        if !record.bytes.isEmpty || !record.ends.isEmpty || state == .quoteInQuotes { try end(body) }
    }

    /// The line where the record begins that is being read, from 1.
    var recordLine: Int { record.line }

    private mutating func end(_ body: (CSVRecord) throws -> Void) throws {
        let isEmpty = record.bytes.isEmpty && record.ends.isEmpty && state == .fieldBegin
        record.ends.append(record.bytes.count)
        state = .fieldBegin
        if !isEmpty { try body(record) }
        record = CSVRecord(line: line)
    }

    /// Takes a byte; whether a record ends with it.
    private mutating func take(_ byte: UInt8) throws(FieldProblem) -> Bool {
        if byte == 0x0A { line += 1 }
        switch (state, byte) {
        case (.quoted, 0x22): state = .quoteInQuotes
        case (.quoted, _): record.bytes.append(byte)
        case (.quoteInQuotes, 0x22):
            record.bytes.append(byte)
            state = .quoted
        case (_, 0x0A):
            if record.bytes.last == 0x0D, state == .plain, record.bytes.count > (record.ends.last ?? 0) {
                record.bytes.removeLast()
                if record.bytes.isEmpty, record.ends.isEmpty { state = .fieldBegin }
            }
            return true
        case (_, separator):
            // One more follows.
            guard record.ends.count < Self.fieldLimit - 1 else {
                throw FieldProblem(words: "has more than the \(Self.fieldLimit) fields that are allowed")
            }
            record.ends.append(record.bytes.count)
            state = .fieldBegin
        case (.quoteInQuotes, 0x0D): break
        case (.quoteInQuotes, _):
            throw FieldProblem(
                words: "has text after a field in quotes, where a separator or the end of the line must stand")
        case (.fieldBegin, 0x22): state = .quoted
        default:
            record.bytes.append(byte)
            state = .plain
        }
        return false
    }
}

/// A record of a CSV file.
struct CSVRecord {
    /// Its line, from 1: the first, where a field in quotes has several.
    let line: Int

    /// The bytes of all fields, one after the other.
    fileprivate(set) var bytes: [UInt8] = []

    /// Where each field ends in them.
    fileprivate(set) var ends: [Int] = []

    init(line: Int) { self.line = line }

    /// The number of fields.
    var count: Int { ends.count }

    /// A field as a text; nil if it is none in UTF-8.
    subscript(field: Int) -> String? {
        String(validating: bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]], as: UTF8.self)
    }
}
