import ArgumentParser
import Checkpoints
import SystemPackage

/// `ckpt convert`: the same entries in another format.
struct ConvertCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a checkpoint in another format: .ckpt or .safetensors, by the name of the output.",
        discussion: """
            Bits do not change. Texts and maps fit into .ckpt only. An encrypted input needs its key, and the output is not \
            encrypted.
            """)

    @Argument(help: "A checkpoint file, or the manifest of a set one file of which holds everything.")
    var input: String

    @OptionGroup var output: OutputOptions

    @OptionGroup var key: KeyOptions

    @Flag(help: "Add a CRC, as MindSpore's crc_check does.")
    var crc = false

    func execute() throws -> ExitStatus {
        let path = output.file.path
        guard let format = CheckpointFormats.named(path.extension ?? "") else {
            let allowed = CheckpointFormats.all.map { ".\($0.fileExtension)" }.joined(separator: " or ")
            throw Refusal("\(path) does not say its format; its name must end in \(allowed)")
        }
        try output.file.check()
        // For the CRC in a safetensors header the contents are read twice.
        let passes = crc && format is SafetensorsFormat ? 2 : 1
        let source = try Source(Subject(input), key: key.load(), verb: "converting", passes: passes)
        var options = FormatOptions(crc: crc)
        options.removeRedundancy = source.removeRedundancy
        try output.file.write { file in
            try source.reader.copy(to: format, options: options, file)
        }
        return .success
    }
}

extension Source {
    /// What a `.safetensors` file says about other ranks' files holding what it leaves out.
    fileprivate var removeRedundancy: Bool? {
        switch (reader as? SafetensorsReader)?.metadata["remove_redundancy"] {
        case "True": true
        case "False": false
        default: nil
        }
    }
}
