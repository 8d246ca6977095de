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
            with one checkpoint file, and its strategy file. Without a strategy, every file must hold whole tensors, as \
            those of data parallel ranks do, and each tensor may lie in one of them, as with remove_redundancy. A strategy \
            that the files contradict is refused. Encrypted files need their key, and the output is not encrypted.
            """)

    @Argument(help: "The manifest of a set, or a directory with folders of ranks.")
    var input: String

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("How the slices fit together: MindSpore's strategy file.", valueName: "file"))
    var strategy: String?

    @OptionGroup var key: KeyOptions

    @Flag(help: "Add a CRC, as MindSpore's crc_check does.")
    var crc = false

    func execute() throws -> CommandStatus {
        let conversion = try Conversion(to: output.file, crc: crc)
        try conversion.write(source(passes: conversion.passes))
        return .success
    }

    private func source(passes: Int) throws -> Source {
        let subject = try Subject(input)
        let key = try key.load()
        switch (subject, strategy) {
        case (.set, nil):
            return try Source(subject, key: key, verb: "merging", passes: passes)
        case (.directory(let directory), let strategy):
            let file = try strategy.map { try StrategyFile(contentsOf: LocalFileSystem().open(FilePath(text: $0))) }
            do {
                return try Source(
                    RankFolders(in: directory), in: directory, strategy: file, key: key, verb: "merging", passes: passes
                )
            } catch let mismatch as StrategyMismatch {
                throw Refusal(mismatch.sentence(about: strategy, of: directory))
            }
        case (.set, _?):
            throw Refusal("\(input) is a manifest, which says how slices fit together; leave out --strategy")
        case (.file, _):
            throw Refusal("\(input) is a single file; name a manifest, or a directory with folders of ranks")
        }
    }
}
