import Checkpoints
import Foundation
import Tensors
import Testing

/// A file written by real MindSpore 2.10 and what is in it, from `Vectors/vectors.json`.
struct Vector: Decodable, CustomTestStringConvertible {
    struct Part: Decodable {
        let dtype: String
        let shape: [Int]
        let hex: String
    }

    struct Entry: Decodable {
        let name: String
        let dtype: String
        let shape: [Int]?
        let hex: String?
        let text: String?
        let parts: [Part]?
    }

    let path: String
    let entries: [Entry]
    let crc: UInt32?
    let pieces: [String: [Int]]?
    let mode: String?
    let keyHex: String?
    let plaintextFile: String?
    let metadata: [String: String]?

    var testDescription: String { path }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    /// All vectors in a folder of `Vectors`.
    static func all(in folder: String) -> [Vector] {
        do {
            let json = try Data(contentsOf: directory.appending(path: "vectors.json"))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode([Vector].self, from: json).filter { $0.path.hasPrefix(folder + "/") }
        } catch {
            fatalError("the vectors cannot be read: \(error)")
        }
    }

    /// A vector by its path; there must be one.
    static func named(_ path: String) -> Vector {
        guard let vector = all(in: String(path.prefix { $0 != "/" })).first(where: { $0.path == path }) else {
            fatalError("there is no vector \(path)")
        }
        return vector
    }

    /// The bytes of the file.
    var bytes: [UInt8] {
        get throws { Array(try Data(contentsOf: Self.directory.appending(path: path))) }
    }
}

extension Vector.Entry {
    /// What a reader should say of it.
    var checkpointEntry: CheckpointEntry {
        if let text { return CheckpointValue.text(text).entry(named: name) }
        guard let parts, parts.count == 3 else { return CheckpointEntry(name, .tensor(type(dtype, shape ?? []))) }
        let types = parts.map { type($0.dtype, $0.shape) }
        return CheckpointEntry(name, .map(keys: types[0], values: types[1], status: types[2]))
    }

    /// The contents a reader should give.
    var contents: [UInt8] {
        if let text { return CheckpointText.encode(text) }
        return (parts?.map(\.hex) ?? [hex ?? ""]).flatMap(bytes(fromHexadecimal:))
    }

    private func type(_ name: String, _ shape: [Int]) -> TensorType {
        guard let type = ElementType.allCases.first(where: { $0.mindSporeName.lowercased() == name.lowercased() })
        else { fatalError("\(name) is no element type") }
        return TensorType(Shape(shape), type)
    }
}

/// The bytes that pairs of hexadecimal digits name.
func bytes(fromHexadecimal text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
