import Checkpoints
import CheckpointsTestKit
import Memory
import SystemPackage
import Tensors
import Testing

/// Values, partial reads, and what a `.ckpt` file cannot store.
struct CkptReadWriteTests {
    private func reader(_ write: (CkptWriter) throws -> Void) throws -> CkptReader {
        let file = MemoryFile()
        let writer = CkptWriter(to: file, sliceByteCount: 16)
        try write(writer)
        try writer.finish()
        return try CkptReader(file: MemoryReadableFile(file.bytes))
    }

    @Test func valuesComeBackAsTheyWent() throws {
        let reader = try reader { writer in
            try writer.write("epoch_num", .integer(-3))
            try writer.write("loss_scale", .real(0.1))
            try writer.write("flag", .flag(true))
            try writer.write("name", .text("héllo 😀"))
            try writer.write("w", Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]))
        }
        #expect(try reader.integer("epoch_num") == -3)
        #expect(try reader.tensor("loss_scale").elements(of: Float.self) == [0.1])
        #expect(try reader.contents(of: "flag") == [1])
        #expect(try reader.text("name") == "héllo 😀")
        #expect(try reader.tensor("w").elements(of: Float.self) == [1, 2, 3, 4, 5, 6])
        #expect(try reader.tensor("w").shape == [2, 3])
    }

    @Test func everyRangeOfASlicedTensorIsRead() throws {
        let contents = Array(0..<40 as Range<UInt8>)
        let reader = try reader { try $0.write(CheckpointEntry("w", .uint8, [40]), contents.span) }
        for start in 0...40 {
            for end in start...40 {
                var bytes = [UInt8](repeating: 0xFF, count: end - start)
                var span = bytes.mutableSpan
                try reader.read("w", from: start, into: &span)
                #expect(bytes == Array(contents[start..<end]))
            }
        }
    }

    @Test func missingAndOtherEntriesAreNamed() throws {
        let reader = try reader { try $0.write("w", .flag(true)) }
        #expect(throws: FormatError.missing(name: "v", path: "memory")) { try reader.tensor("v") }
        #expect(throws: FormatError.wrongKind(name: "w", path: "memory", wanted: "string")) { try reader.text("w") }
        #expect(throws: FormatError.wrongKind(name: "w", path: "memory", wanted: "whole number")) {
            try reader.integer("w")
        }
    }

    @Test func whatMindSporeCouldNotLoadIsNotStored() throws {
        let writer = CkptWriter(to: MemoryFile())
        #expect(throws: FormatError.self) { try writer.begin(CheckpointEntry("w", .uint8, [1 << 31, 0])) }
        let key = TensorType([1], .int64)
        #expect(throws: FormatError.self) {
            try writer.begin(CheckpointEntry("m", .map(keys: key, values: key, status: key)))
        }
        try writer.write("w", .flag(true))
        #expect(throws: FormatError.cannotStore(name: "w", reason: "the file has an entry of this name already")) {
            try writer.begin(CheckpointEntry("w", .uint8, []))
        }
    }

    @Test func tensorsWithoutElementsLeaveNoTrace() throws {
        let reader = try reader { writer in
            try writer.begin(CheckpointEntry("e", .float32, [0, 3]))
            try writer.write("w", .flag(false))
        }
        #expect(reader.entries.map(\.name) == ["w"])
    }

    @Test(arguments: ["", "a", "\u{0}a", "日本 😀"]) func textSurvivesItsEncoding(text: String) {
        #expect(CheckpointText.decode(CheckpointText.encode(text)) == text)
    }

    @Test func textThatIsNoUTF32IsRefused() {
        #expect(CheckpointText.decode([0, 0xD8, 0, 0]) == nil)
        #expect(CheckpointText.decode([0, 0, 0x11, 0]) == nil)
        #expect(CheckpointText.decode([65, 0, 0]) == nil)
    }
}
