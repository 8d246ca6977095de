import COpenSSL
import Checkpoints
import CheckpointsTestKit
import Ciphers
import Files
import SystemPackage

/// The codes of earlier versions: GMACs under a nonce of zeros.
enum OldCodes {
    /// Gives a set the codes that it would have had.
    static func write(_ manifest: Manifest, to disk: MemoryFileSystem, key: EncryptionKey) throws {
        var json = String(decoding: manifest.json, as: UTF8.self)
        for file in manifest.files {
            guard let code = file.code else { continue }
            let bytes = try disk.contents(of: output.appending(file.path), limit: 1 << 20)
            let old = Self.code(of: bytes, key: key.derived(for: .oldFile(set: manifest.id, path: file.path)))
            json = json.replacing(code, with: old)
        }
        let old = try Manifest(json: Array(json.utf8), path: "old")
        try disk.replaceContents(
            of: output.appending("\(manifest.name).manifest.json"), with: old.json(authenticatedBy: key))
    }

    private static func code(of bytes: [UInt8], key: [UInt8]) -> String {
        let context = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var count: Int32 = 0
        var tag = [UInt8](repeating: 0, count: 16)
        unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, [UInt8](repeating: 0, count: 12))
        unsafe EVP_EncryptUpdate(context, nil, &count, bytes, Int32(bytes.count))
        unsafe EVP_EncryptFinal_ex(context, &tag, &count)
        unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
        return tag.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
