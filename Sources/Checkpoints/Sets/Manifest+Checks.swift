import Files
import Layouts
import Records
import SystemPackage
import Tensors

extension Manifest {
    /// Throws unless the set's name and id can be parts of file names and all numbers make sense.
    func checkHeader() throws(ManifestProblem) {
        guard let fileName = FileName(name), !fileName.isHidden, name.utf8.count <= SetNames.lengthLimit else {
            throw ManifestProblem("\"\(name)\" cannot be the name of a set")
        }
        try Self.check(id: id, of: "set")
        try checkLineage()
        guard (1...DeviceMesh.rankLimit).contains(worldSize) else { throw ManifestProblem("worldSize is \(worldSize)") }
        try checkPosition(checkpoint.progress)
        if let options = checkpoint.record?.options, TrainingRecord.recordable(options) ?? [:] != options {
            throw ManifestProblem("checkpoint.record.options are no options that a program can have")
        }
        for axis in checkpoint.mesh where axis.size < 1 {
            throw ManifestProblem("the size of mesh axis \(axis.axis) is \(axis.size)")
        }
        for parameter in checkpoint.parameters where parameter.shape.contains(where: { $0 < 0 }) {
            throw ManifestProblem("the shape of \(parameter.name) is \(parameter.shape)")
        }
    }

    /// Throws unless the numbers of a position make sense: a run that carries on calculates with them.
    private func checkPosition(_ progress: TrainingProgress) throws(ManifestProblem) {
        let counts = [
            ("epoch", progress.epoch), ("stepInEpoch", progress.stepInEpoch), ("step", progress.step),
            ("stepsPerEpoch", progress.stepsPerEpoch), ("globalBatch", progress.globalBatch),
            ("sampleCount", progress.sampleCount),
        ]
        for (field, value) in counts where OutsideNumber(value) == nil {
            throw ManifestProblem("checkpoint.progress.\(field) is \(value)")
        }
        guard progress.stepInEpoch <= progress.stepsPerEpoch else {
            throw ManifestProblem("it is at step \(progress.stepInEpoch) of an epoch of \(progress.stepsPerEpoch)")
        }
        guard progress.step == 0 || progress.epoch > 0 else {
            throw ManifestProblem("it is at step \(progress.step) of no epoch")
        }
        guard OutsideNumber.product([progress.stepsPerEpoch, progress.globalBatch]) != nil else {
            throw ManifestProblem(
                "an epoch of \(progress.stepsPerEpoch) steps of \(progress.globalBatch) samples has more than can be "
                    + "counted")
        }
        guard OutsideNumber.product([progress.step, progress.globalBatch]) == progress.sampleCount else {
            throw ManifestProblem(
                "\(progress.step) steps of \(progress.globalBatch) samples are not \(progress.sampleCount) samples")
        }
        if let ended = checkpoint.record?.callbacks?.endedEpoch, !(0...progress.epoch).contains(ended) {
            throw ManifestProblem(
                "its callbacks have seen the end of epoch \(ended), and it is in epoch \(progress.epoch)")
        }
    }

    private static func check(id: String, of what: String) throws(ManifestProblem) {
        guard !id.isEmpty, id.utf8.count <= 64, id.utf8.allSatisfy(CharacterRanges.identifier.contains) else {
            throw ManifestProblem("\"\(id)\" cannot be the id of a \(what)")
        }
    }

    private func checkLineage() throws(ManifestProblem) {
        guard let lineage else { return }
        try Self.check(id: lineage.run, of: "run")
        if let parent = lineage.parent { try Self.check(id: parent, of: "set") }
        // There must be room for the next.
        guard (1..<Lineage.generationLimit).contains(lineage.generation) else {
            throw ManifestProblem("lineage.generation is \(lineage.generation)")
        }
        for range in lineage.abandoned where range.lowerBound < 1 || range.upperBound >= lineage.generation {
            throw ManifestProblem(
                "lineage.abandoned has \(range.lowerBound) to \(range.upperBound), and the set is number "
                    + "\(lineage.generation)")
        }
        for (one, next) in zip(lineage.abandoned, lineage.abandoned.dropFirst()) where next.lowerBound <= one.upperBound
        {
            throw ManifestProblem(
                "lineage.abandoned has \(next.lowerBound) after \(one.upperBound), and the numbers must ascend")
        }
    }

    /// Throws unless every file lies below the directory and is named once.
    func checkFiles() throws(ManifestProblem) {
        guard !files.isEmpty else { throw ManifestProblem("it names no files") }
        if checkpoint.kind != .integrated {
            let savers = Set(files.filter { $0.role == .state }.map(\.rank))
            // Before anything is counted by `worldSize`.
            guard savers.count == worldSize else {
                throw ManifestProblem("\(worldSize) ranks saved it, and there are files of \(savers.count)")
            }
        }
        var paths: Set<ByteName> = []
        for file in files {
            guard SetNames.isPathBelow(file.path) else {
                throw ManifestProblem("\"\(file.path)\" is no path below its directory that a file of a set can have")
            }
            guard paths.add(file.path) else { throw ManifestProblem("it names \(file.path) twice") }
            guard (0..<worldSize).contains(file.rank) else {
                throw ManifestProblem("the rank of \(file.path) is \(file.rank), but there were \(worldSize) ranks")
            }
            guard OutsideNumber.range.contains(file.byteCount) else {
                throw ManifestProblem("the size of \(file.path) is \(file.byteCount)")
            }
            guard file.xxh3.utf8.count == 16, file.xxh3.utf8.allSatisfy(CharacterRanges.hexadecimal.contains) else {
                throw ManifestProblem("the checksum of \(file.path) is \"\(file.xxh3)\", not 16 hexadecimal digits")
            }
            guard file.code.map(CharacterRanges.isCode) ?? true else {
                throw ManifestProblem("the code of \(file.path) is no 64 hexadecimal digits")
            }
        }
    }

    /// Throws unless the type of every parameter exists and its layout is possible.
    func checkLayouts() throws(ManifestProblem) {
        let mesh = Result { () throws(LayoutError) in
            let mesh = try DeviceMesh(checkpoint.mesh)
            try mesh.check(rankCount: worldSize)
            return mesh
        }
        for parameter in checkpoint.parameters {
            guard parameter.tensorType != nil else {
                throw ManifestProblem(
                    "\(parameter.name) is \(parameter.elementType)\(parameter.shape), which no tensor can be")
            }
            guard let layout = parameter.layout else { continue }
            do throws(LayoutError) {
                _ = try TensorSharding(of: parameter.shape, layout.layout(on: mesh.get()))
            } catch {
                throw ManifestProblem("the layout of \(parameter.name) is wrong: \(error)")
            }
        }
    }
}

extension ParameterRecord {
    /// The type of the whole parameter; nil if there is no such type.
    var tensorType: TensorType? {
        ElementType(mindSporeName: elementType).flatMap { TensorType(checking: $0, shape) }
    }
}

/// The bytes that texts in a manifest may consist of.
private enum CharacterRanges {
    static let hexadecimal = Set("0123456789abcdef".utf8)
    /// Those of earlier versions have 32 digits.
    static func isCode(_ text: String) -> Bool {
        [32, 64].contains(text.utf8.count) && text.utf8.allSatisfy(hexadecimal.contains)
    }

    static let identifier = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-".utf8)
}
