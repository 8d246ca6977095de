import Checkpoints
import Ciphers
import Files
import Foundation
import MindSporeTestKit
import SystemPackage
import Tensors
import Testing

/// Files exchanged with real MindSpore, both ways, by `Tests/MindSpore/exchange.py`.
///
/// `LOCKSTEP_PYTHON` names a Python that has MindSpore 2.10. Without it these tests are left out, but fail in CI.
@Suite(.enabled(if: hasMindSpore), .serialized)
final class MindSporeExchangeTests {
    private let files = LocalFileSystem()
    private let directory: FilePath
    private var cases: [ExchangedFile] = []

    init() throws {
        directory = FilePath(NSTemporaryDirectory()).appending("exchange-\(UUID().uuidString)")
        try files.createDirectory(directory)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// Runs the script; returns what it printed if it found mistakes.
    private func exchange(_ command: String) throws -> String? {
        try MindSporeScript("exchange.py").run([command, directory.string])
    }

    @Test func mindSporeReadsWhatWeWrite() throws {
        let ckpt = CkptFormat()
        let everything = ExchangedEntry.tensors(in: ckpt) + ExchangedEntry.extras
        try write("types.ckpt", everything, as: ckpt)
        try write("types-crc.ckpt", everything + [.map], as: ckpt, options: FormatOptions(crc: true))
        for mode in EncryptionMode.allCases {
            for byteCount in mode.keyByteCounts {
                try write("\(mode.rawValue)-\(byteCount).ckpt", everything, as: ckpt, key: (mode, byteCount))
            }
        }
        try write("blocks.ckpt", ExchangedEntry.twoBlocks, as: ckpt, key: (.aesGCM, 32))
        let safetensors = SafetensorsFormat()
        try write("types.safetensors", ExchangedEntry.tensors(in: safetensors), as: safetensors)
        let crc = FormatOptions(crc: true, removeRedundancy: false)
        try write(
            "types-crc.safetensors", ExchangedEntry.tensors(in: safetensors, options: crc), as: safetensors,
            options: crc)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(cases).write(to: URL(filePath: directory.appending("files.json").string))
        #expect(try exchange("read") == nil)
    }

    @Test func weReadWhatMindSporeWrites() throws {
        try #require(try exchange("write") == nil)
        let json = try Data(contentsOf: URL(filePath: directory.appending("files.json").string))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let vectors = try decoder.decode([Vector].self, from: json)
        #expect(vectors.count == 11)
        for vector in vectors {
            let reader = try reader(of: vector)
            #expect(Set(reader.entries) == Set(vector.entries.map(\.checkpointEntry)), "\(vector.path)")
            for entry in vector.entries {
                #expect(try reader.contents(of: entry.name) == entry.contents, "\(entry.name) in \(vector.path)")
            }
            #expect(try reader.verify() == (vector.crc != nil), "\(vector.path)")
        }
    }

    private func reader(of vector: Vector) throws -> any CheckpointReader {
        let path = directory.appending(vector.path)
        let format = try #require(CheckpointFormats.named(path.extension ?? ""))
        let file = try files.open(path)
        guard let digits = vector.keyHex else { return try format.reader(of: file) }
        let key = bytes(fromHexadecimal: digits)
        return try format.reader(of: try DecryptedFile(file, key: try EncryptionKey(key.span)))
    }

    /// Writes a file and notes what MindSpore should find in it.
    private func write(
        _ name: String, _ contents: [ExchangedEntry], as format: some CheckpointFormat,
        options: FormatOptions = FormatOptions(), key: (mode: EncryptionMode, byteCount: Int)? = nil
    ) throws {
        let path = directory.appending(name)
        var file = try files.create(path)
        var secret: [UInt8] = []
        if let key {
            secret = (0..<key.byteCount).map { _ in UInt8.random(in: 0...255) }
            let encryption = try Encryption(key: try EncryptionKey(secret.span), mode: key.mode)
            file = EncryptingFile(file, path: path, encryption: encryption)
        }
        let entries = contents.map(\.entry)
        let writer = try format.writer(to: file, of: entries, options: options)
        for index in try format.order(of: entries, options: options) {
            let bytes = contents[index].bytes
            try writer.write(entries[index], bytes.span)
        }
        try writer.finish()
        try file.close()
        cases.append(
            ExchangedFile(
                path: name, crc: options.crc ? 1 : nil, mode: key?.mode.rawValue,
                keyHex: key == nil ? nil : hexadecimal(secret), entries: contents.map(\.description)))
    }
}
