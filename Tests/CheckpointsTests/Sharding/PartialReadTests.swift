import Checkpoints
import CheckpointsTestKit
import Collectives
import Files
import Layouts
import Synchronization
import SystemPackage
import Tensors
import Testing

/// How much of a file is read for a slice of what is in it.
struct PartialReadTests {
    /// Bytes read for the slice of one rank of four, out of 256 KiB.
    private func bytesRead(_ splits: DimensionSplit..., shape: Shape) throws -> Int {
        let disk = MemoryFileSystem()
        let file = try disk.create("/w.ckpt")
        let writer = CkptWriter(to: file)
        try writer.write("w", Tensor(zeros: shape))
        try writer.finish()
        let counting = CountingFile(try disk.open("/w.ckpt"))
        let reader = try ShardedReader([0: CkptReader(file: counting)])
        let layout = try DeviceMesh(["dp": 2, "tp": 2]).layout(splits: splits)
        let slice = Tensor(zeros: Shape(try TensorSharding(of: shape.dimensions, layout).shardShape))
        let before = counting.bytesRead
        try reader.load(ShardedParameter("w", whole: shape, layout, local: slice), rank: 3)
        return counting.bytesRead - before
    }

    @Test func longStretchesAreReadAndNothingElse() throws {
        #expect(try bytesRead(["dp", "tp"], nil, shape: [64, 1024]) == 64 << 10)
        #expect(try bytesRead(nil, ["dp", "tp"], shape: [8, 8192]) == 64 << 10)
        #expect(try bytesRead("dp", "tp", shape: [8, 8192]) == 64 << 10)
    }

    @Test func shortStretchesAreReadWithWhatLiesBetweenThem() throws {
        // A quarter of each row: all but the first three quarters of the first row.
        #expect(try bytesRead(nil, ["dp", "tp"], shape: [64, 1024]) == (256 << 10) - 3072)
        // But what lies further apart than a page is not.
        #expect(try bytesRead(nil, "tp", nil, shape: [16, 2, 2048]) == 128 << 10)
        #expect(try bytesRead(nil, ["dp", "tp"], nil, shape: [16, 8, 512]) == 64 << 10)
    }
}

/// A file that counts the bytes read from it.
final class CountingFile: ReadableFile {
    private let base: any ReadableFile
    private let count = Mutex(0)

    init(_ base: any ReadableFile) {
        self.base = base
    }

    var path: FilePath { base.path }
    var byteCount: Int { base.byteCount }
    var bytesRead: Int { count.withLock { $0 } }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        let byteCount = bytes.count
        count.withLock { $0 += byteCount }
        try base.read(into: &bytes, at: offset)
    }
}
