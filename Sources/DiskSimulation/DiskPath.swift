import SystemPackage

/// Paths as texts: a folder, "" for the root, and a name.
enum DiskPath {
    /// The folder of a path and the name in it; the name of the root is empty.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path == "." ? "" : path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// The folder that a path leads to, by what is at each place on the way.
    static func folder(
        at path: String, _ node: (DiskPlace) -> DiskImage.Node?
    ) throws(Errno) -> Int {
        var folder = DiskImage.root
        for name in path.split(separator: "/") where name != "." {
            switch node(DiskPlace(folder: folder, name: String(name))) {
            case .folder(let number): folder = number
            case .file: throw .notDirectory
            case nil: throw .noSuchFileOrDirectory
            }
        }
        return folder
    }
}
