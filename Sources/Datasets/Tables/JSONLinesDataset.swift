public import Collectives
public import Files
import FoundationEssentials
public import SystemPackage

/// JSON lines (a JSON object in each line) as samples.
public enum JSONLinesDataset {
    /// The most bytes of a line.
    static let lineLimit = 16 << 20

    /// Reads a file of any size, gzipped or not, line by line; what its columns hold is kept in memory, four bytes a number.
    ///
    /// The fields of `columns` are the names of the objects' members. All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` that names file, line, value and what is allowed; `FileError` if it cannot be read.
    public static func load(
        contentsOf path: FilePath, columns: [TableColumn], files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> TableDataset {
        try DataFile.read(path, sharedBy: world, files: files) { try read($0, path: path, columns: columns) }
    }

    /// The same of bytes in memory; `path` stands in messages.
    public static func read(_ bytes: [UInt8], path: FilePath, columns: [TableColumn]) throws -> TableDataset {
        try read(FileSlice(bytes, path: path), path: path, columns: columns)
    }

    private static func read(_ bytes: FileSlice, path: FilePath, columns: [TableColumn]) throws -> TableDataset {
        guard !columns.isEmpty else { throw DataError.mismatch("a dataset of \(path) needs at least 1 column") }
        var table = TableBuilder(columns)
        try forEachLine(of: bytes, path) { line in
            guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return }
            let members = try members(of: line)
            try table.add { (column, field) throws(FieldProblem) in
                let name = columns[column].fields[field]
                guard let value = members[name] else { throw FieldProblem(words: "has no '\(name.visible)'") }
                return value.value
            }
        }
        guard table.count > 0 else { throw DataError.badFile(path, "has no records; at least 1 is needed") }
        return table.finish()
    }

    private static func members(of line: ArraySlice<UInt8>) throws(FieldProblem) -> [String: JSONMember] {
        do {
            return try JSONDecoder().decode([String: JSONMember].self, from: Data(line))
        } catch DecodingError.typeMismatch {
            throw FieldProblem(words: "is no JSON object, as {\"text\": \"…\"} is one")
        } catch {
            throw FieldProblem(words: "is no JSON that can be read; each line must hold a JSON object")
        }
    }

    /// Gives each line to `body`; what is wrong with one is said of its number.
    private static func forEachLine(
        of bytes: FileSlice, _ path: FilePath, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        var rest: [UInt8] = []
        var number = 1
        func take(_ line: ArraySlice<UInt8>, isWhole: Bool = true) throws {
            guard line.count <= lineLimit else {
                throw FieldProblem(words: "has more than the \(lineLimit) bytes that are allowed")
            }
            guard isWhole else { return }
            try body(line)
            number += 1
        }
        do {
            try bytes.forEachPiece { piece in
                rest += piece
                var start = 0
                while let end = rest[start...].firstIndex(of: 0x0A) {
                    try take(rest[start..<end])
                    start = end + 1
                }
                rest.removeFirst(start)
                try take(rest[...], isWhole: false)
            }
            if !rest.isEmpty { try take(rest[...]) }
        } catch let problem as FieldProblem {
            throw DataError.badFile(path, "line \(number) \(problem.words)")
        }
    }
}

/// A member of an object: what columns are made of.
private struct JSONMember: Decodable {
    let value: FieldValue

    /// Numbers are asked for first, and texts then: of these there are many, and each question that fails makes an error.
    init(from decoder: any Decoder) throws {
        guard let single = try? decoder.singleValueContainer() else {
            value = .other("an object")
            return
        }
        if single.decodeNil() {
            value = .nothing
        } else if let number = try Self.number(in: single) {
            value = number
        } else if let text = try? single.decode(String.self) {
            value = .text(text)
        } else if let flag = try? single.decode(Bool.self) {
            value = .other("\(flag)")
        } else if var list = try? decoder.unkeyedContainer() {
            var values: [FieldValue] = []
            while !list.isAtEnd { values.append(try list.decode(JSONMember.self).value) }
            value = .list(values)
        } else {
            value = .other("an object")
        }
    }

    /// A number; nil if something else stands there.
    private static func number(in single: any SingleValueDecodingContainer) throws -> FieldValue? {
        do {
            return .number(try single.decode(Double.self))
        } catch is DecodingError {
            return nil
        } catch let error where "\(error)".contains("numberIsNotRepresentable") {
            // As 1e999. Foundation says it in an error of its own, and what is no number by another.
            return .other("a number that 64 bits cannot hold")
        }
    }
}
