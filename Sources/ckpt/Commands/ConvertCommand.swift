import ArgumentParser
import Terminal

/// `ckpt convert`: the same entries in another format.
struct ConvertCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a checkpoint in another format: .ckpt or .safetensors, by the name of the output.",
        discussion: """
            Bits do not change. Texts and maps fit into .ckpt only. An encrypted input needs its key, and the output is not \
            encrypted.
            """)

    @Argument(help: "A checkpoint file, or the manifest of a set.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @Flag(help: "Add a CRC, as MindSpore's crc_check does.")
    var crc = false

    func execute() throws -> CommandStatus {
        let conversion = try Conversion(to: output.file, crc: crc)
        let source = try Source(Subject(input), key: key.load(), verb: "converting", passes: conversion.passes)
        try conversion.write(source)
        return .success
    }
}
