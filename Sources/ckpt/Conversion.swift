import Checkpoints
import SystemPackage
import Tensors

/// Writing a checkpoint as one file of a format that the name of the output says.
struct Conversion {
    private let output: OutputFile
    private let format: any CheckpointFormat
    private let crc: Bool

    /// Throws if the output cannot be written, before any work is done.
    init(to output: OutputFile, crc: Bool) throws {
        guard let format = CheckpointFormats.named(output.path.extension ?? "") else {
            let allowed = CheckpointFormats.all.map { ".\($0.fileExtension)" }.joined(separator: " or ")
            throw Refusal("\(output.path) does not say its format; its name must end in \(allowed)")
        }
        try output.check()
        self.output = output
        self.format = format
        self.crc = crc
    }

    /// How often the input is read: for the CRC in a safetensors header the contents are needed twice.
    var passes: Int { crc && format is SafetensorsFormat ? 2 : 1 }

    /// Writes the output.
    func write(_ source: Source) throws {
        try source.checkCRC()
        format.noteLosses(of: source.reader.entries)
        let options = FormatOptions(crc: crc, removeRedundancy: source.removeRedundancy)
        try output.write { try source.reader.copy(to: format, options: options, $0) }
    }
}

extension CheckpointFormat {
    /// Says which tensors a file of this format leaves out.
    func noteLosses(of entries: [CheckpointEntry]) {
        guard self is CkptFormat else { return }
        let lost = entries.filter { $0.tensorType?.byteCount == 0 }.map(\.name)
        guard let first = lost.first else { return }
        let names = lost.count == 1 ? first : "\(first) and \(lost.count - 1) more"
        CommandOutput.note("\(names) had no elements and is not in the output: .ckpt files hold no such tensors")
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
