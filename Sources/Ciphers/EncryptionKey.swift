import COpenSSL
public import Files
import Glibc
public import SystemPackage

/// A secret key: held once in memory, overwritten when it is let go of, and never printed.
///
/// It comes from a file or an environment variable, not from a command line, which every user of a machine can read:
/// 16, 24 or 32 raw bytes, or text that begins with `hex:` or `base64:`.
@safe public final class EncryptionKey: @unchecked Sendable {
    // Unchecked: the bytes are written before the key is shared and after nobody has it any more.
    private let bytes: UnsafeMutableRawBufferPointer

    /// The lengths a key may have, in bytes.
    public static let allowedByteCounts = [16, 24, 32]

    /// Copies a key. Throws ``EncryptionError/keyLength(byteCount:allowed:)``.
    public init(_ bytes: Span<UInt8>) throws(EncryptionError) {
        guard Self.allowedByteCounts.contains(bytes.count) else {
            throw .keyLength(byteCount: bytes.count, allowed: Self.allowedByteCounts)
        }
        unsafe self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
        for index in bytes.indices { unsafe self.bytes[index] = bytes[index] }
    }

    deinit {
        unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
        unsafe bytes.deallocate()
    }

    /// Reads the key in a file.
    ///
    /// Throws ``EncryptionError/shared(path:permissions:)`` if others than its owner may read or write the file, as ssh
    /// refuses such keys, unless `allowingShared`.
    public static func load(
        from path: FilePath, in files: some FileSystem, allowingShared: Bool = false
    ) throws(EncryptionError) -> EncryptionKey {
        let file = try describing { () throws(FileError) in try files.open(path) }
        // Of the open file: a link does not hide it, and nobody can exchange the file in between.
        if let permissions = file.permissions, permissions & 0o077 != 0, !allowingShared {
            throw .shared(path: path, permissions: permissions)
        }
        // The longest key in hexadecimal digits has 68 characters; more is no key.
        var text = try describing { () throws(FileError) in try file.contents(limit: 1024) }
        defer { wipe(&text) }
        return try parse(text)
    }

    private static func describing<Result>(_ body: () throws(FileError) -> Result) throws(EncryptionError) -> Result {
        do {
            return try body()
        } catch {
            throw .file(error)
        }
    }

    /// Reads the key in an environment variable.
    public static func load(fromEnvironment name: String) throws(EncryptionError) -> EncryptionKey {
        guard let value = unsafe getenv(name) else { throw .variableMissing(name: name) }
        var text = unsafe Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
        defer { wipe(&text) }
        return try parse(text)
    }

    /// The size in bytes.
    public var byteCount: Int { unsafe bytes.count }

    /// Runs `body` with the address of the key, which is valid meanwhile.
    @unsafe func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(bytes))
    }

    /// Reads a key in one of its three spellings.
    static func parse(_ text: [UInt8]) throws(EncryptionError) -> EncryptionKey {
        var bytes: [UInt8]
        if text.starts(with: "hex:".utf8) {
            guard let decoded = KeyText.hexadecimal(text.dropFirst(4)) else { throw .keyText(kind: "hexadecimal") }
            bytes = decoded
        } else if text.starts(with: "base64:".utf8) {
            guard let decoded = KeyText.base64(text.dropFirst(7)) else { throw .keyText(kind: "base64") }
            bytes = decoded
        } else {
            bytes = text
        }
        defer { wipe(&bytes) }
        return try EncryptionKey(bytes.span)
    }

    /// Overwrites bytes from which a key could be told.
    static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}

extension EncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// "EncryptionKey(32 bytes)": never the key.
    public var description: String { "EncryptionKey(\(byteCount) bytes)" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Nothing: `dump` must not show the key either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
