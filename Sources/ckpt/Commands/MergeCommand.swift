import ArgumentParser
import Checkpoints
import Files
import SystemPackage
import Terminal

/// `ckpt merge`: one file of whole tensors from the slices of all ranks.
struct MergeCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Put the slices of all ranks together in one file of whole tensors.",
        discussion: """
            The input is the manifest of a set, or a directory of MindSpore with folders rank_0, rank_1 and so on, each \
            with one checkpoint file, and its strategy file. Encrypted files need their key, and the output is not encrypted.
            """)

    @Argument(help: "The manifest of a set, or a directory with folders of ranks.")
    var input: String

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("How the slices fit together: MindSpore's strategy file.", valueName: "file"))
    var strategy: String?

    @OptionGroup var key: KeyOptions

    @Flag(help: "Add a CRC, as MindSpore's crc_check does.")
    var crc = false

    func execute() throws -> ExitStatus {
        let conversion = try Conversion(to: output.file, crc: crc)
        try conversion.write(source(passes: conversion.passes))
        return .success
    }

    private func source(passes: Int) throws -> Source {
        let subject = try Subject(input)
        switch (subject, strategy) {
        case (.set, nil):
            return try Source(subject, key: key.load(), verb: "merging", passes: passes)
        case (.directory(let directory), let strategy?):
            let strategy = try StrategyFile(contentsOf: LocalFileSystem().open(FilePath(text: strategy)))
            return try Source(
                RankFolders(in: directory), in: directory, strategy: strategy, key: key.load(), verb: "merging",
                passes: passes)
        case (.set, _?):
            throw Refusal("\(input) is a manifest, which says how slices fit together; leave out --strategy")
        case (.directory, nil):
            throw Refusal(
                "\(input) is a directory; name its strategy file with --strategy, or the manifest of a set in it")
        case (.file, _):
            throw Refusal("\(input) is a single file; name a manifest, or a directory with folders of ranks")
        }
    }
}
