public import Collectives
public import Files
public import SystemPackage

/// CSV files as samples.
public enum CSVDataset {
    /// Reads a file of any size, gzipped or not, piece by piece; what its columns hold is kept in memory, four bytes a number.
    ///
    /// - Parameters:
    ///   - columns: The columns of the dataset, the inputs first and the label last. Fields are named as the first line names
    ///     them, without a header by their places: "1" for the first.
    ///   - header: Whether the first line has the names of the fields.
    ///   - separator: The character between two fields.
    /// - Throws: `DataError` that names file, line, value and what is allowed; `FileError` if it cannot be read. All ranks of
    ///   `world` call it together.
    public static func load(
        contentsOf path: FilePath, columns: [TableColumn], header: Bool = true, separator: Character = ",",
        files: any FileSystem = LocalFileSystem(), sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> TableDataset {
        try DataFile.read(path, sharedBy: world, files: files) {
            try read($0, path: path, columns: columns, header: header, separator: separator)
        }
    }

    /// The names of the fields: what stands in the first line.
    ///
    /// - Throws: `DataError` if there is none, `FileError` if the file cannot be read.
    public static func names(
        contentsOf path: FilePath, separator: Character = ",", files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> [String] {
        try DataFile.read(path, sharedBy: world, files: files) { bytes in
            var scanner = CSVScanner(separator: try mark(separator))
            var names: [String]?
            let take = { (record: CSVRecord) in
                if names == nil { names = (0..<record.count).map { record[$0] ?? "" } }
            }
            do {
                for start in stride(from: 0, to: bytes.count, by: 1 << 16) where names == nil {
                    try scanner.take(try bytes[start..<min(start + (1 << 16), bytes.count)].contents(), take)
                }
                if names == nil { try scanner.finish(take) }
            } catch let problem as FieldProblem {
                throw DataError.badFile(path, "line \(scanner.recordLine) \(problem.words)")
            }
            guard let names else { throw DataError.badFile(path, "is empty; a line of names is needed") }
            return names
        }
    }

    /// The same of bytes in memory; `path` stands in messages.
    public static func read(
        _ bytes: [UInt8], path: FilePath, columns: [TableColumn], header: Bool = true, separator: Character = ","
    ) throws -> TableDataset {
        try read(FileSlice(bytes, path: path), path: path, columns: columns, header: header, separator: separator)
    }

    private static func mark(_ separator: Character) throws -> UInt8 {
        guard let mark = separator.asciiValue, ![0x22, 0x0A, 0x0D].contains(mark) else {
            throw DataError.mismatch(
                "'\(separator)' cannot separate fields; one character of ASCII can, but no quote and no line end")
        }
        return mark
    }

    private static func read(
        _ bytes: FileSlice, path: FilePath, columns: [TableColumn], header: Bool, separator: Character
    ) throws -> TableDataset {
        let mark = try mark(separator)
        guard !columns.isEmpty else { throw DataError.mismatch("a dataset of \(path) needs at least 1 column") }
        var reader = CSVTableReader(path: path, columns: columns, hasHeader: header)
        var scanner = CSVScanner(separator: mark)
        do {
            try bytes.forEachPiece { try scanner.take($0) { try reader.take($0) } }
            try scanner.finish { try reader.take($0) }
        } catch let problem as FieldProblem {
            throw DataError.badFile(path, "line \(scanner.recordLine) \(problem.words)")
        }
        return try reader.finish()
    }
}

/// Makes a table of records.
private struct CSVTableReader {
    private let path: FilePath
    private let columns: [TableColumn]
    private let hasHeader: Bool
    private var table: TableBuilder

    /// Where the fields of each column stand in a record, once the first is known.
    private var places: [[Int]]?
    private var width = 0

    init(path: FilePath, columns: [TableColumn], hasHeader: Bool) {
        self.path = path
        self.columns = columns
        self.hasHeader = hasHeader
        table = TableBuilder(columns)
    }

    mutating func take(_ record: CSVRecord) throws {
        guard let places else {
            try begin(with: record)
            if !hasHeader { try take(record) }
            return
        }
        guard record.count == width else {
            throw FieldProblem(
                words: "has \(record.count) fields, where \(hasHeader ? "the header" : "the first line") has \(width)")
        }
        try table.add { (column, field) throws(FieldProblem) in
            guard let text = record[places[column][field]] else {
                throw FieldProblem(words: "has a '\(columns[column].fields[field].visible)' that is no text in UTF-8")
            }
            return .text(text)
        }
    }

    private mutating func begin(with record: CSVRecord) throws {
        width = record.count
        let names = (0..<width).map { hasHeader ? record[$0] ?? "" : "\($0 + 1)" }
        places = try columns.map { column in
            try column.fields.map { field in
                let found = names.indices.filter { names[$0] == field }
                guard found.count == 1 else {
                    let allowed = names.prefix(20).map { "'\($0.visible)'" }.joined(separator: ", ")
                    let problem =
                        found.isEmpty
                        ? "has no field '\(field.visible)'" : "has \(found.count) fields '\(field.visible)'"
                    throw DataError.badFile(path, "\(problem); its fields are \(allowed)")
                }
                return found[0]
            }
        }
    }

    func finish() throws -> TableDataset {
        guard table.count > 0 else {
            throw DataError.badFile(
                path, "has no records\(hasHeader ? " below its line of names" : ""); at least 1 is needed")
        }
        return table.finish()
    }
}

extension FileSlice {
    /// Gives all bytes to `body`, a mebibyte at a time.
    func forEachPiece(_ body: ([UInt8]) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: 1 << 20) {
            try body(try self[start..<min(start + (1 << 20), count)].contents())
        }
    }
}
