import Checkpoints
import Files
import SystemPackage

extension CheckpointDirectory {
    /// The names of the sets that are published here.
    func publishedNames() throws(FileError) -> [String] { try names(in: path, without: [SetNames.manifest(of: "")]) }

    /// The names of the sets of a run that are of a family; if there are none, those of older versions, which do not say
    /// of which run they are.
    func names(ofRun run: String, in family: PrefixFamily) throws(CheckpointSetError) -> [String] {
        let sets = try entries().entries.filter { set in
            CheckpointName(set.name).map { family.index(of: $0.prefix) != nil } ?? false
        }
        let own = sets.filter { $0.lineage?.run == run }
        return (own.isEmpty ? sets.filter { $0.lineage == nil } : own).map(\.name)
    }

    /// The names of all checkpoint files in folders here, without extensions, those too that no manifest names: a run
    /// must not overwrite another program's files.
    func checkpointNames(inFolders folders: [String]) throws(FileError) -> [String] {
        let suffixes = CheckpointFileFormat.allCases.map { ".\($0.rawValue)" }
        var found: [String] = []
        for folder in Set(folders + [""]).sorted() {
            found += try names(in: folder.isEmpty ? path : path.appending(folder), without: suffixes)
        }
        return found
    }

    private func names(in folder: FilePath, without suffixes: [String]) throws(FileError) -> [String] {
        guard try fileSystem.status(of: folder) != nil else { return [] }
        return try fileSystem.names(in: folder).compactMap { name in
            suffixes.first(where: name.hasSuffix).map { String(name.dropLast($0.count)) }
        }
    }
}
