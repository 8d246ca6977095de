import CheckpointsTestKit
import Files

@testable import Checkpoints
@testable import Ciphers

/// The key of the containers in the corpora. Of sets there are none: nothing that is made up can be authentic.
let key: EncryptionKey = {
    let bytes = Array("0123456789abcdef".utf8)
    guard let key = try? EncryptionKey(bytes.span) else { fatalError("16 bytes are a key") }
    return key
}()

func readContainer(_ bytes: [UInt8]) throws {
    let file = try DecryptedFile(StrictFile(bytes, "x.ckpt"), key: key)
    require(file.byteCount <= bytes.count, "\(bytes.count) bytes hold \(file.byteCount)")
    let plain = try contents(of: file)
    guard plain.count > 2 else { return }
    var part = [UInt8](repeating: 0, count: plain.count - 2)
    var span = part.mutableSpan
    try file.read(into: &span, at: 1)
    require(part[...] == plain[1..<plain.count - 1], "a part is another one")
    _ = try? CkptReader(file: file)
}

/// The bytes are what is encrypted: they come back, and not from a container in which one byte is another. The first two
/// choose the mode, the size of blocks and the byte.
func sealAndOpen(_ bytes: [UInt8]) throws {
    guard bytes.count > 3 else { return }
    let mode = EncryptionMode.allCases[Int(bytes[0]) % EncryptionMode.allCases.count]
    let plain = Array(bytes[2...])
    let target = MemoryFile()
    // Of a few blocks, for each takes OpenSSL some time.
    let blockByteCount = max(Int(bytes[1]) + 1, plain.count / 4)
    let file = EncryptingFile(
        target, path: "x.ckpt", encryption: try Encryption(key: key, mode: mode), blockByteCount: blockByteCount)
    try file.write(plain.span.bytes)
    try file.close()
    let sealed = target.bytes
    require(try contents(of: DecryptedFile(StrictFile(sealed, "x.ckpt"), key: key)) == plain, "\(mode): bytes change")

    var damaged = sealed
    damaged[(Int(bytes[0]) << 8 | Int(bytes[1])) % sealed.count] ^= 1
    // A chained mode finds nothing of this by itself.
    guard mode == .aesGCM, let found = try? contents(of: DecryptedFile(StrictFile(damaged, "x.ckpt"), key: key)) else {
        return
    }
    require(found == plain, "\(mode): a damaged block is taken")
}

private func contents(of file: DecryptedFile) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: file.byteCount)
    var span = bytes.mutableSpan
    try file.read(into: &span, at: 0)
    return bytes
}

func readKey(_ bytes: [UInt8]) throws {
    let key = try EncryptionKey.parse(bytes)
    require(EncryptionKey.allowedByteCounts.contains(key.byteCount), "a key of \(key.byteCount) bytes")
    require("\(key)" == "EncryptionKey(\(key.byteCount) bytes)", "a key is printed")
}
