import Files
import SystemPackage

extension DiskState {
    /// Where a path leads, as a host sees it; nil is the root, which has no name.
    mutating func place(of path: String, for host: Int) throws(Errno) -> DiskPlace? {
        let (folder, name) = DiskPath.split(path)
        let number = try self.folder(at: folder, for: host)
        return name.isEmpty ? nil : DiskPlace(folder: number, name: name)
    }

    /// Where something is to be made, moved or deleted: the server looks at what is there, not the host.
    private mutating func placeOfChange(_ path: String, by host: Int) throws(Errno) -> (DiskPlace, DiskImage.Node?) {
        guard let place = try place(of: path, for: host) else { throw .fileExists }
        late.see(place, host)
        return (place, image.node(place.name, in: place.folder))
    }

    private mutating func make(_ change: NameChange, by host: Int) {
        for assignment in change.assignments {
            let place = assignment.place
            let before = image.node(place.name, in: place.folder)
            late.note(place, before, to: assignment.node, by: host, at: time)
            if case .folder = before { forgetFolders() }
        }
        image.make(change)
        hasChanged = true
        sweepIfDue()
    }

    private mutating func set(_ place: DiskPlace, _ node: DiskImage.Node?, _ operation: FileOperation, by host: Int) {
        make(NameChange(operation: operation, assignments: [.init(place: place, node: node)]), by: host)
    }

    /// Makes an empty file, after what stands in its place has been deleted, as `LocalFileSystem` does.
    mutating func create(_ path: String, permissions: Int, by process: UInt64, on host: Int) throws(Errno) -> Int {
        let (place, node) = try placeOfChange(path, by: host)
        if case .folder = node { throw .fileExists }
        if node != nil { set(place, nil, .delete, by: host) }
        let file = image.addFile(permissions: permissions, host: host, at: writingTime())
        open(file, by: process)
        set(place, .file(file), .create, by: host)
        return file
    }

    mutating func remove(_ path: String, by host: Int) throws(Errno) {
        let place: DiskPlace
        let node: DiskImage.Node?
        do {
            (place, node) = try placeOfChange(path, by: host)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw error == .fileExists ? .isDirectory : error }
            return
        }
        if case .folder = node { throw .isDirectory }
        guard node != nil else { return }
        set(place, nil, .delete, by: host)
        faults.noteRoom()
    }

    mutating func createDirectory(_ path: String, by host: Int) throws(Errno) {
        var reached = ""
        for name in path.split(separator: "/") where name != "." {
            reached += "/\(name)"
            let (place, node) = try placeOfChange(reached, by: host)
            switch node {
            case .folder: continue
            // What the system says of the last step, and of those before.
            case .file: throw name.endIndex < path.endIndex ? .notDirectory : .fileExists
            case nil: set(place, .folder(image.addFolder()), .makeDirectory, by: host)
            }
        }
    }

    mutating func removeDirectory(_ path: String, by host: Int) throws(Errno) {
        let (place, node) = try placeOfChange(path, by: host)
        guard case .folder(let number) = node else {
            throw node == nil ? .noSuchFileOrDirectory : .notDirectory
        }
        guard image.folders[number]?.names.isEmpty == true else { throw .directoryNotEmpty }
        set(place, nil, .deleteDirectory, by: host)
        faults.noteRoom()
    }

    mutating func rename(_ path: String, to target: String, by host: Int) throws(Errno) {
        let (from, node) = try placeOfChange(path, by: host)
        let (to, replaced) = try placeOfChange(target, by: host)
        guard let node else { throw .noSuchFileOrDirectory }
        guard from != to, node != replaced else { return }
        switch (node, replaced) {
        case (.file, .folder?): throw .isDirectory
        case (.folder, .file?): throw .notDirectory
        case (.folder, .folder(let number)?):
            guard image.folders[number]?.names.isEmpty == true else { throw .directoryNotEmpty }
        default: break
        }
        if case .folder(let number) = node, isFolder(to.folder, within: number) { throw .invalidArgument }
        let assignments = [NameChange.Assignment(place: from, node: nil), .init(place: to, node: node)]
        let needed = from.folder == to.folder ? nil : to.folder
        make(NameChange(operation: .rename, assignments: assignments, neededFolder: needed), by: host)
        if replaced != nil { faults.noteRoom() }
    }

    private func isFolder(_ inner: Int, within outer: Int) -> Bool {
        if inner == outer { return true }
        guard let names = image.folders[outer]?.names else { return false }
        return names.values.contains { node in
            guard case .folder(let number) = node else { return false }
            return isFolder(inner, within: number)
        }
    }

    mutating func synchronizeDirectory(_ path: String, for host: Int) throws(Errno) {
        let number = try folder(at: path, for: host)
        let count = image.pending.count
        image.synchronizeNames(in: number)
        hasChanged = image.pending.count != count
    }
}
