import Checkpoints
import Tensors
import Testing

/// `ckpt diff`, whose exit status says whether there is a difference.
struct DiffTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private struct Comparison: Decodable {
        struct Entry: Decodable, Equatable {
            let name: String
            let state: String
            let differingElements: Int?
            let maxDifference: Double?
        }

        let equal: Bool
        let entries: [Entry]
    }

    @Test func fileEqualsItself() throws {
        let path = Vectors.path("plain/append_dict.ckpt")
        let run = try CkptRun.succeeding("diff", path, path)
        #expect(run.output == "11 of 11 entries are equal\n")
    }

    @Test func differencesAreMeasured() throws {
        try write("a.ckpt", [1, 2, 3], [5, -5], "old", [1, .nan])
        try write("b.ckpt", [1, 2.5, 1], [5, .max], "new, and longer", [1, 0])
        let (status, comparison) = try diff("a.ckpt", "b.ckpt")
        #expect(status == 1 && !comparison.equal)
        #expect(comparison.entries.map(\.state) == ["equal", "different", "different", "different", "different"])
        #expect(comparison.entries[1].differingElements == 2 && comparison.entries[1].maxDifference == 2)
        // Beyond what Int64 can hold.
        #expect(comparison.entries[2].differingElements == 1 && comparison.entries[2].maxDifference == 0x1p63)
        #expect(comparison.entries[3].differingElements == nil)
        #expect(comparison.entries[4].maxDifference?.isNaN == true)
    }

    @Test func zerosOfBothSignsHaveOtherBitsAndNoDistance() throws {
        try write("a.ckpt", [0], [0], "", [0])
        try write("b.ckpt", [-0.0], [0], "", [0])
        let entry = try diff("a.ckpt", "b.ckpt").comparison.entries[1]
        #expect(entry.state == "different" && entry.differingElements == 1 && entry.maxDifference == 0)
    }

    @Test func whatOnlyOneHasIsNamed() throws {
        try SampleSets.write(["x": .integer(1), "y": .integer(2)], to: folder("a.ckpt"))
        try SampleSets.write(["x": .real(1), "z": .integer(2)], to: folder("b.ckpt"))
        let (status, comparison) = try diff("a.ckpt", "b.ckpt")
        #expect(status == 1)
        #expect(comparison.entries.map(\.name) == ["x", "y", "z"])
        #expect(comparison.entries.map(\.state) == ["otherType", "onlyInFirst", "onlyInSecond"])
    }

    @Test func setOfSlicesEqualsItsWhole() throws {
        let whole = try SampleSets.publishSharded("net", .deduplicated, in: folder)
        try SampleSets.write(
            [
                "matrix": .tensor(Tensor(whole, shape: [4, 8])),
                "bias": .tensor(Tensor([1, 2] as [Float], shape: [2])), "step_num": .integer(7),
            ], to: folder("whole.ckpt"))
        let run = try CkptRun.succeeding("diff", folder("net.manifest.json"), folder("whole.ckpt"))
        #expect(run.output == "3 of 3 entries are equal\n")
    }

    @Test func encryptedFileEqualsItsPlainOne() throws {
        let run = try CkptRun.succeeding(
            "diff", Vectors.path("encrypted/AES-CBC_256.ckpt"), Vectors.path("plain/append_dict.ckpt"), "--key-env",
            "CKPT_KEY", environment: ["CKPT_KEY": Vectors.longKey])
        #expect(run.output == "11 of 11 entries are equal\n")
    }

    @Test func whatCannotBeReadIsNoDifference() throws {
        let run = try CkptRun(["diff", folder("a.ckpt"), folder("b.ckpt")])
        run.expectRefusal("cannot open \(folder("a.ckpt")): No such file or directory", status: 2)
    }

    private func write(_ name: String, _ floats: [Float], _ longs: [Int64], _ text: String, _ doubles: [Double]) throws
    {
        try SampleSets.write(
            [
                "same": .integer(1), "floats": .tensor(Tensor(floats, shape: [floats.count])),
                "longs": .tensor(Tensor(longs, shape: [longs.count])), "text": .text(text),
                "doubles": .tensor(Tensor(doubles, shape: [doubles.count])),
            ], to: folder(name))
    }

    private func diff(_ first: String, _ second: String) throws -> (status: Int32, comparison: Comparison) {
        let run = try CkptRun(["diff", "--json", folder(first), folder(second)])
        return (run.status, try run.json())
    }
}
