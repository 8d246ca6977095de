import Files
import FoundationEssentials
import Records
public import SystemPackage

extension Manifest {
    /// The most bytes of a manifest that are read: room for about 100 000 files and as many parameters.
    static let byteLimit = 64 << 20

    /// The manifest as JSON for people too: indented, fields sorted.
    public var json: [UInt8] { Self.json(of: self) }

    static func json(of manifest: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let data = try? encoder.encode(manifest) else { fatalError("a manifest is always JSON") }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    /// Reads a manifest, trusting nothing in it.
    ///
    /// Throws ``CheckpointSetError/manifest(path:problem:)`` in words if it is not whole, of another version, or names
    /// files that no set can have; `path` is for that message.
    public init(json: [UInt8], path: FilePath) throws(CheckpointSetError) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .recordedTime
        let data = Data(json)
        do {
            // Alone and first: the other fields may mean something else in another version.
            let version = try decoder.decode(VersionOnly.self, from: data).formatVersion
            guard version == Self.currentVersion else {
                throw ManifestProblem("its format version is \(version), and this version reads \(Self.currentVersion)")
            }
            self = try decoder.decode(Manifest.self, from: data)
            try checkHeader()
            try checkFiles()
            try checkLayouts()
        } catch let error as DecodingError {
            throw .manifest(path: path, problem: error.sentence(of: json))
        } catch {
            throw .manifest(path: path, problem: "\(error)")
        }
    }
}

private struct VersionOnly: Decodable {
    let formatVersion: Int
}

/// Something wrong in a manifest, in words.
struct ManifestProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension DecodingError {
    /// What is wrong where in a text of JSON, in the words of JSON instead of Swift's.
    package func sentence(of json: some Sequence<UInt8>) -> String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.place(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context): "\(Self.place(context.codingPath)) is null"
        case .typeMismatch(let type, let context): "\(Self.place(context.codingPath)) is no \(Self.word(for: type))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it \(JSONText.problem(of: json))" : "\(Self.place(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "its top level" }
        let place = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
        return place.hasPrefix(".") ? String(place.dropFirst()) : place
    }

    private static func word(for type: any Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "whole number"
        case is any BinaryFloatingPoint.Type: "number"
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is [Any].Type: "list"
        default: "object"
        }
    }
}
