import SystemPackage

/// The names of a set's files in its directory.
///
/// Names that begin with a dot are for the protocol alone; readers pass them over.
enum SetNames {
    /// The longest name of a set in bytes: file systems allow 255, and suffixes follow.
    static let lengthLimit = 150

    private static let manifestSuffix = ".manifest.json"
    private static let tombstoneSuffix = ".removed"
    private static let pendingSuffix = ".pending"

    static func manifest(of name: String) -> String { name + manifestSuffix }

    /// The name of a set from that of its manifest; nil if it is none.
    static func setName(ofManifest fileName: String) -> String? {
        guard fileName.hasSuffix(manifestSuffix), !fileName.hasPrefix(".") else { return nil }
        return String(fileName.dropLast(manifestSuffix.count))
    }

    /// What the manifest of a set under removal is called.
    static func tombstone(of manifest: Manifest) -> String { ".\(manifest.name).\(manifest.id)\(tombstoneSuffix)" }

    static func isTombstone(_ fileName: String) -> Bool {
        fileName.hasPrefix(".") && fileName.hasSuffix(tombstoneSuffix)
    }

    /// Where a file lies between being written and being renamed: in the same directory, so that renaming is one step.
    static func pendingPath(of path: String, id: String) -> String {
        let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        return "\(path[..<nameStart]).\(path[nameStart...]).\(id)\(pendingSuffix)"
    }

    /// The id in a pending name of `fileName`; nil if `candidate` is none.
    static func id(inPending candidate: String, of fileName: String) -> String? {
        let prefix = ".\(fileName)."
        guard candidate.hasPrefix(prefix), candidate.hasSuffix(pendingSuffix) else { return nil }
        let id = candidate.dropFirst(prefix.count).dropLast(pendingSuffix.count)
        return id.isEmpty || id.contains(".") ? nil : String(id)
    }

    /// Whether a path leads to a file below the directory it is given in, in one way only.
    static func isPathBelow(_ path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isFileName(String($0)) }
    }

    /// Whether a text can be the name of a file on its own.
    static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".."
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "/" }
    }
}
