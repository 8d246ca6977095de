public import Ciphers
import Files
import FoundationEssentials
import SystemPackage

/// What a key says of a manifest.
public enum Authenticity: Sendable {
    /// Whoever wrote the manifest had the key, and nobody has changed it since.
    case proven

    /// The manifest carries no code, like one saved without a key.
    case unmarked

    /// The manifest was changed, or written with another key.
    case wrong
}

extension Manifest {
    /// The manifest with a code that proves it: HMAC-SHA-256 over all its bytes, the digits of the code itself read as
    /// zeros. With the codes of files, which it holds, the whole set is tamper-evident, in any mode of encryption.
    package func json(authenticatedBy key: EncryptionKey?) -> [UInt8] {
        guard let key else { return json }
        let message = Self.json(of: MarkedManifest(manifest: self, authentication: Self.blank))
        return Self.replacing(
            Self.blank, by: KeyText.hexadecimal(of: key.authenticationCode(for: message, as: .manifest)), in: message)
    }

    /// What a key says of the bytes of a manifest.
    static func authenticity(of json: [UInt8], key: EncryptionKey) -> Authenticity {
        guard let code = (try? JSONDecoder().decode(Mark.self, from: Data(json)))?.authentication else {
            return .unmarked
        }
        // Digits are written in one way only.
        guard code.utf8.count == blank.utf8.count, let bytes = KeyText.hexadecimal(Array(code.utf8)[...]),
            KeyText.hexadecimal(of: bytes) == code
        else { return .wrong }
        return key.isAuthentic(replacing(code, by: blank, in: json), as: .manifest, code: bytes) ? .proven : .wrong
    }

    /// What a key says of the bytes that this manifest was read from.
    fileprivate func authenticity(in bytes: [UInt8], key: EncryptionKey) -> Authenticity {
        let authenticity = Self.authenticity(of: bytes, key: key)
        // Whoever has the key gives every file a code.
        guard case .proven = authenticity, files.contains(where: { $0.code == nil }) else { return authenticity }
        return .wrong
    }

    /// Whether its files have codes of the old kind, which can be forged by anybody who has seen two of them.
    public var hasOldCodes: Bool { files.contains(where: \.hasOldCode) }

    private static let blank = String(repeating: "0", count: 64)

    /// Replaces the first occurrence of a text by another of the same length.
    private static func replacing(_ old: String, by new: String, in json: [UInt8]) -> [UInt8] {
        guard let place = json.firstRange(of: Array(old.utf8)) else { return json }
        var result = json
        result.replaceSubrange(place, with: new.utf8)
        return result
    }
}

extension CheckpointDirectory {
    /// What a key says of the manifest of a set.
    ///
    /// Throws ``CheckpointSetError/replaced(name:)`` if another set has its name now.
    public func authenticity(
        of manifest: Manifest, key: EncryptionKey
    ) throws(CheckpointSetError) -> Authenticity {
        let manifestPath = path.appending(SetNames.manifest(of: manifest.name))
        let bytes: [UInt8]
        do {
            bytes = try fileSystem.contents(of: manifestPath, limit: Manifest.byteLimit)
        } catch {
            throw error.errno == .noSuchFileOrDirectory ? .removed(name: manifest.name) : .file(error)
        }
        // What is proven must be what is used, byte for byte: texts that Swift considers equal may differ in bytes.
        guard try Manifest(json: bytes, path: manifestPath).json == manifest.json else {
            throw .replaced(name: manifest.name)
        }
        return manifest.authenticity(in: bytes, key: key)
    }

    /// Whether the directory's key proves a manifest that was read from these bytes, or there is none.
    func believes(_ manifest: Manifest, in bytes: [UInt8]) -> Bool {
        key.map { manifest.authenticity(in: bytes, key: $0) == .proven } ?? true
    }

    /// Throws ``CheckpointSetError/notAuthentic(name:reason:)`` if the directory's key says that a manifest was changed,
    /// or if it carries no code and `acceptsUnmarked` is false.
    func checkAuthenticity(of manifest: Manifest, acceptsUnmarked: Bool) throws(CheckpointSetError) {
        guard let key else { return }
        switch try authenticity(of: manifest, key: key) {
        case .proven: return
        case .unmarked where acceptsUnmarked: return
        case .unmarked: throw .notAuthentic(name: manifest.name, reason: Self.unmarkedReason)
        case .wrong: throw .notAuthentic(name: manifest.name, reason: Self.wrongReason)
        }
    }

    private static let unmarkedReason =
        "its manifest carries no code, as one saved without a key; resume from it by name, or give it a code with ckpt "
        + "encrypt or ckpt rekey"
    private static let wrongReason = "its manifest was changed since, or written with another key"
}

private struct Mark: Decodable {
    let authentication: String?
}

private struct MarkedManifest: Encodable {
    let manifest: Manifest
    let authentication: String

    private enum Key: String, CodingKey { case authentication }

    func encode(to encoder: any Encoder) throws {
        try manifest.encode(to: encoder)
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(authentication, forKey: .authentication)
    }
}
