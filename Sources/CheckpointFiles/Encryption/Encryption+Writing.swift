package import Ciphers
package import Files
import SystemPackage

extension Encryption {
    /// Lets `body` write to what encrypts a file; `path` is for errors.
    package func encrypting(_ file: any WritableFile, path: String, _ body: (any WritableFile) throws -> Void) throws {
        let encrypting = EncryptingFile(file, path: FilePath(path), encryption: self)
        try body(encrypting)
        // It holds the last block back until it is told that nothing follows.
        try encrypting.synchronize()
    }
}
