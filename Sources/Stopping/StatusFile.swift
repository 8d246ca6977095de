package import Files
package import SystemPackage

/// The file `status.json` of a run, which can be written on a full disk too: how the run ended matters most then.
///
/// Beside it lies a reserve of a few blocks, while the run goes on. It is deleted for a status that finds no room.
package struct StatusFile: Sendable {
    private let path: FilePath
    private let reserve: FilePath
    private let files: any FileSystem

    /// Room for the status of some hundred ranks, or twice for the one at hand.
    private static let reserveByteCount = 16 << 10

    package init(in directory: FilePath, files: any FileSystem) {
        path = directory.appending(RunStatus.fileName)
        reserve = directory.appending(".\(RunStatus.fileName).reserve")
        self.files = files
    }

    /// Writes a status in one step, so that a reader sees the old or the new one.
    package func write(_ status: RunStatus) throws(FileError) {
        do {
            try files.replaceContents(of: path, with: status.json, isDurable: false)
        } catch {
            try giveUpReserve()
            try files.replaceContents(of: path, with: status.json, isDurable: false)
        }
    }

    /// Takes room for a later status; without it there is none.
    package func takeReserve(for status: RunStatus) {
        let byteCount = max(Self.reserveByteCount, 2 * status.json.count)
        // A file system that compresses would reserve nothing for zeros.
        let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
        do {
            try files.replaceContents(of: reserve, with: bytes, isDurable: false)
        } catch {
            try? giveUpReserve()
        }
    }

    /// Gives the room back.
    package func giveUpReserve() throws(FileError) { try files.remove(reserve) }
}
