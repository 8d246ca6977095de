import Checkpoints
import CheckpointsTestKit
import SystemPackage
import Tensors
import Testing

/// Files by real MindSpore, read and written again.
struct CkptVectorTests {
    static let vectors = Vector.all(in: "plain").filter { $0.path != "plain/nothing.ckpt" }

    @Test(arguments: vectors) func everyFileReadsToTheEntriesMindSporeSaw(vector: Vector) throws {
        let reader = try CkptReader(file: MemoryReadableFile(try vector.bytes))
        #expect(reader.entries == vector.entries.map(\.checkpointEntry))
        for entry in vector.entries {
            #expect(try reader.contents(of: entry.name) == entry.contents)
            if let text = entry.text { #expect(try reader.text(entry.name) == text) }
        }
        #expect(reader.hasCRC == (vector.crc != nil))
        #expect(try reader.verify() == reader.hasCRC)
    }

    // Left out: what an asynchronous save writes differently (pieces of whole rows, empty tensors), and a map cut by its
    // writer, which has a test of its own.
    static let synchronous = vectors.filter { vector in
        !["sliced_async", "empty_tensor_async", "mapparameter"].contains { vector.path == "plain/\($0).ckpt" }
    }

    @Test(arguments: synchronous) func writingTheEntriesBackGivesTheSameBytes(vector: Vector) throws {
        let file = MemoryFile()
        let slice = vector.pieces == nil ? CkptWriter.sliceByteCount : 1024
        let writer = CkptWriter(to: file, crc: vector.crc != nil, sliceByteCount: slice)
        for entry in vector.entries { try writer.write(entry.checkpointEntry, entry.contents.span) }
        try writer.finish()
        #expect(file.bytes == (try vector.bytes))
    }

    @Test(arguments: [1, 7, 1000]) func contentsInPiecesGiveTheSameBytes(piece: Int) throws {
        let vector = Vector.named("plain/sliced_sync.ckpt")
        let file = MemoryFile()
        let writer = CkptWriter(to: file, crc: true, sliceByteCount: 1024)
        for entry in vector.entries {
            try writer.begin(entry.checkpointEntry)
            let contents = entry.contents
            for start in stride(from: 0, to: contents.count, by: piece) {
                try writer.append(contents.span.extracting(start..<min(start + piece, contents.count)))
            }
        }
        try writer.finish()
        #expect(file.bytes == (try vector.bytes))
    }

    @Test func mapsAreWrittenSliceBySlice() throws {
        let vector = Vector.named("plain/mapparameter.ckpt")
        let file = MemoryFile()
        let writer = CkptWriter(to: file)
        let map = vector.entries[0].contents
        // Two slices, of two rows and one: four-byte keys, eight-byte values, four-byte status.
        for (rows, ranges) in [(2, [0..<8, 12..<28, 36..<44]), (1, [8..<12, 28..<36, 44..<48])] {
            let column = TensorType([rows], .int32)
            try writer.begin(
                CheckpointEntry("mp", .map(keys: column, values: TensorType([rows, 2], .float32), status: column)))
            for range in ranges { try writer.append(map.span.extracting(range)) }
        }
        try writer.write(vector.entries[1].checkpointEntry, vector.entries[1].contents.span)
        try writer.finish()
        #expect(file.bytes == (try vector.bytes))
    }

    @Test func withoutEntriesAFileIsEmptyAndRefusedAsMindSporeRefusesIt() throws {
        let file = MemoryFile()
        try CkptWriter(to: file).finish()
        #expect(file.bytes == (try Vector.named("plain/nothing.ckpt").bytes))
        #expect(throws: FormatError.damaged(path: "memory", offset: 0, .empty)) {
            try CkptReader(file: MemoryReadableFile([]))
        }
    }
}
