public import Ciphers
public import Files
import Synchronization
public import SystemPackage

/// An encrypted file, open for reading as if its bytes lay plain on the disk.
///
/// The file itself says in which mode it was encrypted. One block, of 64 MiB at most, is held in memory; it is decrypted
/// when a byte in it is asked for, and none of a GCM block is given out before all of it has proved authentic.
public final class DecryptedFile: Sendable {
    private struct Cache {
        var bytes: [UInt8] = []
        /// The index of the block in `bytes`.
        var held: Int?
    }

    private let file: any ReadableFile
    private let encryption: Encryption
    private let index: CipherIndex
    private let cache = Mutex(Cache())

    /// Reads the heads of the blocks of a file.
    ///
    /// Throws ``FormatError/damaged(path:offset:_:)`` if it is no whole encrypted file, and
    /// ``FormatError/encryption(path:_:)`` if the key has the wrong length for its mode.
    public init(_ file: any ReadableFile, key: EncryptionKey) throws(FormatError) {
        guard file.byteCount > 0 else { throw .damaged(path: file.path, offset: 0, .empty) }
        guard let mode = try EncryptionMode.mode(of: file) else {
            throw .damaged(path: file.path, offset: 0, .notEncrypted)
        }
        do {
            encryption = try Encryption(key: key, mode: mode)
        } catch {
            throw .encryption(path: file.path, error)
        }
        index = try CipherIndex(of: file, encryption: encryption)
        self.file = file
    }

    /// The bytes of a file that may be encrypted: decrypted if there is a key, else those of the file itself.
    ///
    /// Throws ``FormatError`` if the file is encrypted and there is no key, or the other way round.
    public static func opening(
        _ file: any ReadableFile, key: EncryptionKey?
    ) throws(FormatError) -> any ReadableFile {
        if let key { return try DecryptedFile(file, key: key) }
        guard try EncryptionMode.mode(of: file) == nil else { throw .encryption(path: file.path, .keyMissing) }
        return file
    }

    /// How the file is encrypted.
    public var mode: EncryptionMode { encryption.mode }

    /// Decrypts block `number` into the cache, unless it is there.
    private func load(_ number: Int, into cache: inout Cache) throws(FileError) {
        guard cache.held != number else { return }
        cache.held = nil
        if cache.bytes.isEmpty { cache.bytes = [UInt8](repeating: 0, count: index.largestBlock) }
        let place = index.places[number]
        let byteCount = place.block.cipherByteCount
        var bytes = cache.bytes.mutableSpan
        var target = bytes._mutatingExtracting(0..<byteCount)
        // In pieces small enough to be still in the cache when they are decrypted.
        for start in stride(from: 0, to: byteCount, by: 1 << 19) {
            var piece = target._mutatingExtracting(start..<min(start + 1 << 19, byteCount))
            try file.read(into: &piece, at: place.offset + start)
        }

        // In place: the plain bytes of a chunk never reach beyond its encrypted ones.
        let context = CipherContext(.decrypt, encryption, iv: place.block.iv)
        if mode == .aesGCM { context?.expect(tag: place.block.tag) }
        let plainByteCount = unsafe cache.bytes.withUnsafeMutableBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            let encrypted = unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
            guard let count = unsafe context?.update(encrypted, to: base),
                let rest = unsafe context?.finish(to: base + count)
            else { return nil }
            return count + rest
        }
        guard plainByteCount == place.plain.count else {
            throw FileError(
                "decrypt", path, reason: "the block at byte \(place.offset) is damaged or the key is wrong")
        }
        cache.held = number
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension DecryptedFile: ReadableFile {
    public var path: FilePath { file.path }
    public var byteCount: Int { index.plainByteCount }

    public func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        let end = try end(ofBytesAt: offset, count: bytes.count)
        try unsafe bytes.withUnsafeMutableBytes { (target) throws(FileError) in
            try cache.withLock { (cache) throws(FileError) in
                for number in index.numbers(of: offset..<end) where !index.places[number].plain.isEmpty {
                    let place = index.places[number]
                    try load(number, into: &cache)
                    let part = place.plain.clamped(to: offset..<end)
                    let start = part.lowerBound - place.plain.lowerBound
                    unsafe cache.bytes.withUnsafeBytes { plain in
                        unsafe UnsafeMutableRawBufferPointer(rebasing: target[(part.lowerBound - offset)...])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: plain[start..<start + part.count]))
                    }
                }
            }
        }
    }
}
