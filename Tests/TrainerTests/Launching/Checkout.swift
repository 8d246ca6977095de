import Foundation
import MPITestKit
import SystemPackage

/// What looks like a checkout whose trainer is built, for scripts that start it from there.
final class Checkout {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        let files = FileManager.default
        try files.createDirectory(at: folder.url(".build/release"), withIntermediateDirectories: true)
        for (name, target) in [
            ("launch", MPIRun.checkout.appending(path: "launch").path(percentEncoded: false)),
            (".build/release/trainer", MPIRun.path(of: "trainer")),
        ] {
            try files.createSymbolicLink(
                atPath: folder.url(name).path(percentEncoded: false), withDestinationPath: target)
        }
    }

    var path: String { folder.path.string }

    /// A script of the folder `launch`, started from here.
    func script(_ name: String) -> String { folder.url("launch/\(name)").path(percentEncoded: false) }
}

/// Writes a program for a shell.
func writeProgram(_ text: String, to url: URL) throws {
    try Data(text.utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path(percentEncoded: false))
}
