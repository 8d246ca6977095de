import Checkpoints
import Files
import Foundation
import Memory
import SystemPackage
import Tensors
import Terminal

/// What a checkpoint costs against its size.
final class CheckpointScaling {
    private let directory: FilePath
    private let files = LocalFileSystem()
    private let rounds: Int

    init(in parent: String, rounds: Int) throws {
        self.rounds = rounds
        directory = FilePath(parent).appending(
            "lockstep-bench-scale-\(ProcessInfo.processInfo.processIdentifier)")
        try files.createDirectory(directory)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// A row for each size: saved as a run saves, with the checksum of the manifest, and loaded into memory in use.
    func table() throws -> Table {
        var table = Table("checkpoint MB", "save CPU ms", "GB/s", "load CPU ms", "GB/s ")
        for megabytes in [1, 4, 16, 64, 256] {
            let tensor = Tensor(zeros: [megabytes * 250_000])
            tensor.fill(with: 0.5)
            let path = directory.appending("\(megabytes).ckpt")
            let save = try Self.processorSeconds(rounds) {
                try? files.remove(path)
                let file = ChecksummingFile(try files.create(path))
                let writer = try CkptFormat().writer(
                    to: file, of: [CheckpointEntry("state", .tensor(tensor.type))])
                try writer.write("state", tensor)
                try writer.finish()
                try file.close()
            }
            let load = try Self.processorSeconds(rounds) {
                var bytes = tensor.bytes.mutableSpan
                try CkptReader(file: files.open(path)).read("state", from: 0, into: &bytes)
            }
            try files.remove(path)
            let gigabytes = Double(megabytes) / 1e3
            table.add(
                "\(megabytes)", (1e3 * save).rounded(digits: 2), (gigabytes / save).rounded(digits: 2),
                (1e3 * load).rounded(digits: 2), (gigabytes / load).rounded(digits: 2))
        }
        return table
    }

    /// The middle of the seconds of processor time, after one time that does not count.
    private static func processorSeconds(_ rounds: Int, _ body: () throws -> Void) throws -> Double {
        let times = try (0...rounds).map { _ in
            let start = ProcessorClock.seconds
            try body()
            return ProcessorClock.seconds - start
        }
        return median(Array(times.dropFirst()))
    }
}
