import Foundation
import SystemPackage

/// A disk of a few kilobytes, made in memory, that can be full.
final class SmallDisk {
    let path: FilePath

    /// Mounts it; needs root.
    init(kilobytes: Int) throws {
        path = FilePath(NSTemporaryDirectory()).appending("disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path.string) else {
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    deinit {
        // Lazily: a process that a failed test has left may still be in it.
        _ = Self.run("umount", "--lazy", path.string)
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// Whether this user may mount one.
    static let isAllowed = (try? SmallDisk(kilobytes: 4)) != nil

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
