import Checkpoints
import Memory
import Tensors
import Testing

/// `ckpt inspect`.
struct InspectTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private struct File: Decodable {
        let path: String
        let format: String
        let byteCount: Int
        let crc: Bool
        let encryption: String?
        let entries: [Entry]

        struct Entry: Decodable {
            let name: String
            let kind: String
            let elementType: String?
            let shape: [Int]?
            let byteCount: Int
            let minimum: Double?
            let maximum: Double?
            let mean: Double?
            let nanCount: Int?
            let infiniteCount: Int?
        }

        func entry(_ name: String) throws -> Entry { try #require(entries.first { $0.name == name }) }
    }

    @Test func valuesAreShownBesideTensors() throws {
        let run = try CkptRun.succeeding("inspect", Vectors.path("plain/append_dict.ckpt"))
        #expect(run.lines.contains("w     Float32  [2, 3]  24 B"))
        #expect(run.lines.contains("epoch_num  Int64    3"))
        #expect(run.lines.contains("lr         Float32  0.25"))
        #expect(run.lines.contains("flag       Bool     true"))
        #expect(run.lines.contains("name       text     héllo 😀"))
    }

    @Test func longTextIsWholeForProgramsAndItsSizeForPeople() throws {
        let text = String(repeating: "héllo 😀 ", count: 2000)
        try SampleSets.write(["note": .text(text), "short": .text("a\nb")], to: folder("x.ckpt"))
        struct Texts: Decodable {
            struct Entry: Decodable { let value: String }
            let entries: [Entry]
        }
        let json = try CkptRun.succeeding("inspect", folder("x.ckpt"), "--json").json(Texts.self)
        #expect(json.entries.map(\.value) == [text, "a\nb"])
        let shown = try CkptRun.succeeding("inspect", folder("x.ckpt"))
        #expect(shown.lines.contains { $0.hasPrefix("note") && $0.hasSuffix("(23.4 KiB of text)") }, "\(shown.output)")
    }

    @Test func statisticsOfAllTypesOfMindSpore() throws {
        let file = try inspect(Vectors.path("safetensors/all_dtypes.safetensors"))
        #expect(file.format == "safetensors" && !file.crc && file.encryption == nil)
        let matrices = file.entries.filter { $0.name.hasSuffix(".matrix") }
        #expect(matrices.count == 14)
        for matrix in matrices { #expect(matrix.nanCount == 0 && matrix.shape == [2, 3], "\(matrix.name)") }
        let unsigned = try file.entry("UInt64.matrix")
        #expect(unsigned.maximum == 0x1p64)
        let int4 = try file.entry("Int4.matrix")
        #expect(int4.minimum == -1 && int4.maximum == 7)
        let half = try file.entry("Float16.matrix")
        #expect(half.minimum == -2 && half.maximum == 65504)
        // Exactly: reading digits as a double would round them.
        let run = try CkptRun.succeeding(
            "inspect", "--statistics", Vectors.path("safetensors/all_dtypes.safetensors"))
        #expect(run.output.contains(" 18446744073709551615 "))
        #expect(run.output.contains(" -9223372036854775808 "))
    }

    @Test func statisticsPassOverWhatIsNotANumber() throws {
        let values: [Float] = [1, .nan, -3, .infinity, 5, -.nan]
        try SampleSets.write(
            [
                "mixed": .tensor(Tensor(values, shape: [6])), "none": .tensor(Tensor([Float.nan], shape: [1])),
                "empty": .tensor(Tensor(zeros: [0])), "plain": .tensor(Tensor([1, 2, 6] as [Float], shape: [3])),
            ], to: folder("x.ckpt"))
        let file = try inspect(folder("x.ckpt"))
        let mixed = try file.entry("mixed")
        #expect(mixed.nanCount == 2 && mixed.infiniteCount == 1 && mixed.minimum == -3)
        #expect(mixed.maximum == .infinity && mixed.mean == .infinity)
        let none = try file.entry("none")
        #expect(none.nanCount == 1 && none.minimum == nil && none.mean == nil)
        #expect(try file.entry("plain").mean == 3)
    }

    @Test func complexNumbersCountByTheirAbsoluteValue() throws {
        let tensor = Tensor(zeros: [2], elementType: .complex64)
        let elements = tensor.bytes.rebound(to: Float.self)
        var span = elements.mutableSpan
        for (index, value) in ([3, 4, 0, -1] as [Float]).enumerated() { span[index] = value }
        try SampleSets.write(["c": .tensor(tensor)], to: folder("x.ckpt"))
        let entry = try inspect(folder("x.ckpt")).entry("c")
        #expect(entry.minimum == 1 && entry.maximum == 5 && entry.mean == 3)
    }

    /// More than one piece of 4 MiB.
    @Test func piecesOfALargeTensorAreJoined() throws {
        let count = 3 << 20
        let tensor = Tensor(zeros: [count], elementType: .int32)
        let elements = tensor.slice(of: Int32.self)
        var span = elements.mutableSpan
        for index in span.indices { span[index] = Int32(index) }
        try SampleSets.write(["ramp": .tensor(tensor)], to: folder("x.ckpt"), crc: true)
        let file = try inspect(folder("x.ckpt"))
        #expect(file.crc)
        let ramp = try file.entry("ramp")
        #expect(ramp.minimum == 0 && ramp.maximum == Double(count - 1) && ramp.mean == Double(count - 1) / 2)
    }

    @Test func setShowsLayoutsAndStatisticsOfWholeTensors() throws {
        _ = try SampleSets.publishSharded("net", .sharded, in: folder)
        let run = try CkptRun.succeeding("inspect", "--statistics", folder("net.manifest.json"))
        #expect(run.output.contains("set    net, sharded, by 4 ranks\n"))
        #expect(run.output.contains("mesh   dp 2, tp 2\n"))
        #expect(run.lines.contains("matrix     Float32  [4, 8]  [-, tp]"))
        #expect(run.lines.contains { $0.hasPrefix("matrix  Float32  [4, 8]  128 B    0   31  15.5    0") })
        struct Named: Decodable {
            struct Inner: Decodable { let name: String }
            let checkpoint: Inner
            let contents: File
        }
        let json = try CkptRun.succeeding("inspect", "--statistics", "--json", folder("net.manifest.json"))
            .json(Named.self)
        #expect(json.checkpoint.name == "net")
        #expect(try json.contents.entry("matrix").mean == 15.5)
    }

    private func inspect(_ path: String) throws -> File {
        try CkptRun.succeeding("inspect", "--statistics", "--json", path).json(File.self)
    }
}
