public import Files
public import SystemPackage

extension MindIRModel {
    /// Writes the model's files into a directory and returns the path of the one to load.
    ///
    /// `wrap` may put something between a file and what is written to it, such as encryption. Everything is written and
    /// synchronized under temporary names first; at no instant does a graph lie beside the parameters of another. As
    /// MindSpore's, the files can be read by their owner alone.
    ///
    /// - Throws: ``MindIRError``, or what `wrap` throws.
    @discardableResult
    public func save(
        as name: String, in directory: FilePath, files: any FileSystem = LocalFileSystem(),
        externalLimit: Int = MindIRModel.externalLimit,
        wrap: (_ file: any WritableFile, _ path: FilePath) throws -> any WritableFile = { file, _ in file }
    ) throws -> FilePath {
        let files = files.within(directory)
        let parts = try self.files(named: name, externalLimit: externalLimit)
        let paths = parts.map { directory.appending($0.path) }
        let temporaries = paths.map { files.unguessablePath(beside: $0, "tmp") }
        guard let graph = paths.last else { fatalError("a model has no files") }
        do {
            for (part, temporary) in zip(parts, temporaries) {
                try files.createDirectory(temporary.removingLastComponent())
                let file = try wrap(try files.create(temporary, permissions: 0o400), temporary)
                try part.write(to: file)
                try file.synchronize()
                try file.close()
            }
            // With two files the old graph goes first, for the new data will be there before the new graph.
            if paths.count > 1 {
                try files.remove(graph)
                try files.synchronizeDirectory(graph.removingLastComponent())
            }
            for (temporary, path) in zip(temporaries, paths) {
                try files.rename(temporary, to: path)
                try files.synchronizeDirectory(path.removingLastComponent())
            }
        } catch {
            for temporary in temporaries { try? files.remove(temporary) }
            throw error
        }
        return graph
    }
}
