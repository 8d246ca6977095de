import SystemPackage

extension Manifest {
    /// Throws unless the set's name and id can be parts of file names and all numbers make sense.
    func checkHeader() throws(ManifestProblem) {
        guard SetNames.isFileName(name), !name.hasPrefix("."), name.utf8.count <= SetNames.lengthLimit else {
            throw ManifestProblem("\"\(name)\" cannot be the name of a set")
        }
        let idBytes = CharacterRanges.identifier
        guard !id.isEmpty, id.utf8.count <= 64, id.utf8.allSatisfy(idBytes.contains) else {
            throw ManifestProblem("\"\(id)\" cannot be the id of a set")
        }
        guard worldSize > 0 else { throw ManifestProblem("worldSize is \(worldSize)") }
        let progress = checkpoint.progress
        let counts = [
            ("epoch", progress.epoch), ("stepInEpoch", progress.stepInEpoch), ("step", progress.step),
            ("stepsPerEpoch", progress.stepsPerEpoch), ("globalBatch", progress.globalBatch),
            ("sampleCount", progress.sampleCount),
        ]
        for (field, value) in counts where value < 0 {
            throw ManifestProblem("checkpoint.progress.\(field) is \(value)")
        }
        for axis in checkpoint.mesh where axis.size < 1 {
            throw ManifestProblem("the size of mesh axis \(axis.axis) is \(axis.size)")
        }
        for parameter in checkpoint.parameters where parameter.shape.contains(where: { $0 < 0 }) {
            throw ManifestProblem("the shape of \(parameter.name) is \(parameter.shape)")
        }
    }

    /// Throws unless every file lies below the directory and is named once.
    func checkFiles() throws(ManifestProblem) {
        guard !files.isEmpty else { throw ManifestProblem("it names no files") }
        var paths: Set<String> = []
        for file in files {
            guard SetNames.isPathBelow(file.path) else {
                throw ManifestProblem("\"\(file.path)\" is no path below its directory")
            }
            guard paths.insert(file.path).inserted else { throw ManifestProblem("it names \(file.path) twice") }
            guard (0..<worldSize).contains(file.rank) else {
                throw ManifestProblem("the rank of \(file.path) is \(file.rank), but there were \(worldSize) ranks")
            }
            guard file.byteCount >= 0 else { throw ManifestProblem("the size of \(file.path) is \(file.byteCount)") }
            guard file.xxh3.utf8.count == 16, file.xxh3.utf8.allSatisfy(CharacterRanges.hexadecimal.contains) else {
                throw ManifestProblem("the checksum of \(file.path) is \"\(file.xxh3)\", not 16 hexadecimal digits")
            }
        }
    }
}

/// The bytes that texts in a manifest may consist of.
private enum CharacterRanges {
    static let hexadecimal = Set("0123456789abcdef".utf8)
    static let identifier = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-".utf8)
}
