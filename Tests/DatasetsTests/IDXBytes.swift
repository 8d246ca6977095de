import Files
import Foundation
import SystemPackage

/// Bytes of files in the format of MNIST, made by hand.
enum IDXBytes {
    /// An IDX file of unsigned bytes.
    static func plain(_ elements: [UInt8], _ dimensions: [Int]) -> [UInt8] {
        [0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { bigEndian(UInt32($0)) } + elements
    }

    /// At most 65,535 bytes as a gzip file with one stored block.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var checksum = CRC32()
        checksum.update(bytes.span)
        let length = [UInt8(bytes.count & 255), UInt8(bytes.count >> 8)]
        return [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 1] + length + length.map(~) + bytes
            + bigEndian(checksum.value).reversed() + length + [0, 0]
    }

    /// 64 million zeros in 64 members, compressed by `gzip -9n`.
    static let manyZeros: [UInt8] = Array(repeatElement(millionZeros, count: 64).joined())

    private static let millionZeros: [UInt8] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 1, 1, 0, 0, 0, 130, 32, 255, 175, 110, 72, 64, 1]
        + [UInt8](repeating: 0, count: 968) + [175, 6, 158, 203, 121, 18, 64, 66, 15, 0]

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// A folder of its own with these files, deleted with this value.
final class DataFolder {
    let path: FilePath

    init(_ files: [String: [UInt8]] = [:]) throws {
        path = FilePath(NSTemporaryDirectory()).appending("lockstep-data-\(UUID().uuidString)")
        try LocalFileSystem().createDirectory(path)
        for (name, bytes) in files {
            try LocalFileSystem().replaceContents(of: path.appending(name), with: bytes)
        }
    }

    /// Writes files into a folder below this one.
    func write(_ files: [String: [UInt8]], in subfolder: String) throws {
        let folder = path.appending(subfolder)
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        for (name, bytes) in files { try LocalFileSystem().replaceContents(of: folder.appending(name), with: bytes) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}
