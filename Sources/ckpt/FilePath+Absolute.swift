import Foundation
import SystemPackage

extension FilePath {
    /// The same place, from the root on, without "." and "..".
    var absolute: FilePath {
        FilePath(FileManager.default.currentDirectoryPath).pushing(self).lexicallyNormalized()
    }
}
