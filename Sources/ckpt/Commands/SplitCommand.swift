import ArgumentParser
import Checkpoints
import Files
import SystemPackage
import Terminal

/// `ckpt split`: a file for each rank, with its slices.
struct SplitCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Cut a checkpoint into slices, a file for each rank, as a strategy file says.",
        discussion: """
            The files are rank_0/NAME0.ckpt, rank_1/NAME1.ckpt and so on, as MindSpore's transform_checkpoints names them. \
            What the strategy does not name is whole in each file. Sets that are split already are cut anew. An encrypted \
            input needs its key, and the output is not encrypted.
            """)

    @Argument(help: "A checkpoint file, or the manifest of a set.")
    var input: String

    @Argument(help: "The directory to write, which must not exist.")
    var output: String

    @Option(help: ArgumentHelp("How to cut: MindSpore's strategy file.", valueName: "file"))
    var strategy: String

    @Option(help: ArgumentHelp("What the files are called. (default: as the input)"))
    var name: String?

    @OptionGroup var key: KeyOptions

    @Flag(help: "Add a CRC to each file, as MindSpore's crc_check does.")
    var crc = false

    func execute() throws -> CommandStatus {
        let directory = OutputDirectory(FilePath(text: output))
        try directory.check()
        let strategy = try StrategyFile(contentsOf: LocalFileSystem().open(FilePath(text: strategy)))
        let subject = try Subject(input)
        let source = try Source(subject, key: key.load(), verb: "splitting")
        try source.checkCRC()
        let splitting = try Splitting(source.reader, strategy, crc: crc)
        splitting.format.noteLosses(of: source.reader.entries)
        let name = name ?? subject.stem
        let format = splitting.format.fileExtension
        let paths = (0..<splitting.rankCount).map { FilePath("rank_\($0)/\(name)\($0).\(format)") }
        try directory.write(paths) { rank, file in try splitting.write(rank: rank, to: file) }
        return .success
    }
}

extension Subject {
    /// The name without what stands behind its last dot.
    fileprivate var stem: String {
        switch self {
        case .directory(let path), .file(let path): path.stem ?? "split"
        case .set(let manifest, _): manifest.name
        }
    }
}
