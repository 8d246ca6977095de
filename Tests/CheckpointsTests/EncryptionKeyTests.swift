import Checkpoints
import Ciphers
import Files
import Foundation
import Glibc
import SystemPackage
import Testing

struct EncryptionKeyTests {
    private static let secret: [UInt8] = Array("0123456789:;<=>?".utf8)

    /// Whether two keys are the same, told by what they do.
    private func isSame(_ key: EncryptionKey) throws -> Bool {
        let other = try EncryptionKey(Self.secret.span)
        return key.isAuthentic(
            [1, 2, 3], as: .manifest, code: other.authenticationCode(for: [1, 2, 3], as: .manifest))
    }

    @Test(arguments: [
        "0123456789:;<=>?", "hex:303132333435363738393a3B3c3d3e3f\n", "base64:MDEyMzQ1Njc4OTo7PD0+Pw==\n",
    ])
    func theThreeSpellingsAreReadFromFilesAndVariables(text: String) throws {
        let path = FilePath(NSTemporaryDirectory()).appending("key-\(UUID().uuidString)")
        defer { try? LocalFileSystem().remove(path) }
        try LocalFileSystem().replaceContents(of: path, with: Array(text.utf8), permissions: 0o600)
        #expect(try isSame(EncryptionKey.load(from: path, in: LocalFileSystem())))

        let variable = "LOCKSTEP_TEST_KEY_\(text.utf8.count)"
        unsafe setenv(variable, text, 1)
        defer { unsafe unsetenv(variable) }
        #expect(try isSame(EncryptionKey.load(fromEnvironment: variable)))
    }

    @Test(arguments: [
        ("", EncryptionError.keyLength(byteCount: 0, allowed: [16, 24, 32])),
        ("0123456789:;<=>?\n", .keyLength(byteCount: 17, allowed: [16, 24, 32])),
        ("hex:30313", .keyText(kind: "hexadecimal")), ("hex:zz", .keyText(kind: "hexadecimal")),
        ("hex:3031", .keyLength(byteCount: 2, allowed: [16, 24, 32])),
        ("base64:MDEy*zQ1", .keyText(kind: "base64")), ("base64:MDE", .keyText(kind: "base64")),
        ("base64:====", .keyText(kind: "base64")),
    ])
    func whatIsNoKeyIsRefusedInWords(text: String, error: EncryptionError) {
        let variable = "LOCKSTEP_TEST_BAD_KEY_\(abs(text.hashValue))"
        unsafe setenv(variable, text, 1)
        defer { unsafe unsetenv(variable) }
        #expect(throws: error) { try EncryptionKey.load(fromEnvironment: variable) }
    }

    @Test func missingVariablesAndFilesAreNamed() {
        #expect(throws: EncryptionError.variableMissing(name: "LOCKSTEP_NO_KEY")) {
            try EncryptionKey.load(fromEnvironment: "LOCKSTEP_NO_KEY")
        }
        #expect(throws: EncryptionError.self) {
            try EncryptionKey.load(from: "/nonexistent/key", in: LocalFileSystem())
        }
    }

    /// Where a link to it stands does not matter, nor whose it is.
    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o666]) func aKeyFileThatOthersMayUseIsRefused(mode: Int)
        throws
    {
        let folder = FilePath(NSTemporaryDirectory()).appending("key-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let files = LocalFileSystem()
        try files.createDirectory(folder)
        let (path, link) = (folder.appending("key"), folder.appending("link"))
        try files.replaceContents(of: path, with: Self.secret)
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: path.string)
        unsafe chmod(path.string, mode_t(mode))
        for path in [path, link] {
            #expect(throws: EncryptionError.shared(path: path, permissions: mode)) {
                try EncryptionKey.load(from: path, in: files)
            }
            #expect(try isSame(EncryptionKey.load(from: path, in: files, allowingShared: true)))
        }
        for mode in [0o400, 0o600, 0o700] {
            unsafe chmod(path.string, mode_t(mode))
            #expect(try isSame(EncryptionKey.load(from: link, in: files)))
        }
    }

    @Test func theKeyIsNeverPrinted() throws {
        let key = try EncryptionKey(Self.secret.span)
        var dumped = ""
        dump(key, to: &dumped)
        dump(try Encryption(key: key), to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains("EncryptionKey(16 bytes)"))
            #expect(!text.contains("0123456789") && !text.contains("48") && !text.contains("0x"))
        }
    }

    @Test func aModeRefusesKeysItCannotUse() throws {
        let key = try EncryptionKey([UInt8](repeating: 7, count: 24).span)
        #expect(throws: EncryptionError.keyLength(byteCount: 24, allowed: [16])) {
            try Encryption(key: key, mode: .sm4CBC)
        }
        #expect(EncryptionMode(rawValue: "AES-CTR") == nil)
    }

    @Test func anyChangeOfMessageOrCodeIsFound() throws {
        let key = try EncryptionKey(Self.secret.span)
        let code = key.authenticationCode(for: [1, 2, 3], as: .manifest)
        #expect(code.count == 32)
        #expect(key.isAuthentic([1, 2, 3], as: .manifest, code: code))
        #expect(!key.isAuthentic([1, 2, 4], as: .manifest, code: code))
        #expect(!key.isAuthentic([1, 2, 3], as: .manifest, code: Array(code.dropLast())))
        #expect(!key.isAuthentic([1, 2, 3], as: .manifest, code: code.reversed()))
        // Nor does it prove anything else.
        #expect(!key.isAuthentic([1, 2, 3], as: .removal(set: "1-a"), code: code))
        let purposes: [AuthenticationPurpose] = [
            .manifest, .removal(set: "1-a"), .removal(set: "1-b"), .file(set: "1-a", path: "f"),
            .file(set: "1-a", path: "g"), .pieces(set: "1-a", path: "f"), .oldFile(set: "1-a", path: "f"),
        ]
        #expect(Set(purposes.map { key.authenticationCode(for: [1], as: $0) }).count == purposes.count)
    }

    @Test func theCodeIsThatOfRFC4231() {
        // Test case 2.
        let key = Array("Jefe".utf8)
        let code = unsafe key.withUnsafeBytes {
            unsafe hmacSHA256(key: $0, Array("what do ya want for nothing?".utf8))
        }
        #expect(code == bytes(fromHexadecimal: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    }
}
