import Checkpoints
import Files
import Layouts
import SystemPackage

/// A directory as MindSpore leaves it: a folder `rank_<r>` for each rank, with a checkpoint file in it.
struct RankFolders {
    /// The files, by rank.
    let files: [Int: FilePath]

    /// Finds the files. Throws a sentence if a folder has none or more than one.
    init(in directory: FilePath) throws {
        let names = try LocalFileSystem().names(in: directory)
        var files: [Int: FilePath] = [:]
        for name in names {
            guard name.hasPrefix("rank_"), let rank = OutsideNumber(name.dropFirst(5))?.value else { continue }
            guard rank < DeviceMesh.rankLimit else {
                throw Refusal("\(directory) has a folder \(name); ranks are at most \(DeviceMesh.rankLimit - 1)")
            }
            files[rank] = try Self.file(in: directory.appending(name))
        }
        guard !files.isEmpty else { throw Refusal("\(directory) has no folders rank_0, rank_1 and so on") }
        self.files = files
    }

    private static func file(in folder: FilePath) throws -> FilePath {
        let found = try LocalFileSystem().names(in: folder).filter { name in
            !name.hasPrefix(".") && CheckpointFormats.all.contains { name.hasSuffix(".\($0.fileExtension)") }
        }
        guard found.count == 1, let name = found.first else {
            throw Refusal("\(folder) has \(HumanText.count(found.count, "checkpoint file")); exactly one is allowed")
        }
        return folder.appending(name)
    }
}

extension Manifest {
    /// How the files of this set fit together.
    var strategy: StrategyFile {
        get throws {
            let mesh = try DeviceMesh(checkpoint.mesh)
            let items = try checkpoint.parameters.compactMap { parameter in
                try parameter.layout.map { layout in
                    StrategyFile.Item(parameter.name, try TensorSharding(of: parameter.shape, layout.layout(on: mesh)))
                }
            }
            return StrategyFile(items)
        }
    }

    /// The files that are needed to read everything: one, or one of each rank.
    var neededFiles: [ManifestFile] {
        get throws {
            switch checkpoint.kind {
            case .replicated, .integrated: [try stateFile(for: 0)]
            case .sharded, .deduplicated: files.filter { $0.role == .state }
            }
        }
    }
}
