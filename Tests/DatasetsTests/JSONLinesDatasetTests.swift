import Datasets
import SystemPackage
import Tensors
import Testing

struct JSONLinesDatasetTests {
    private func read(_ text: String, _ columns: [TableColumn]) throws -> TableDataset {
        try JSONLinesDataset.read(Array(text.utf8), path: "t.jsonl", columns: columns)
    }

    private func complaint(_ text: String, _ columns: [TableColumn]) -> String? {
        do {
            _ = try read(text, columns)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func membersOfObjectsBecomeColumns() throws {
        let text = """
            {"ids": [5, 6, 7], "x": [[1, 2], [3, 4.5]], "kind": "b", "y": -0.5, "other": {"a": [true]}}

            {"kind": "a", "ids": [], "x": [[0, 0], [0, 1e2]], "y": 3}
            """
        let data = try read(
            text,
            [
                .sequence("ids", length: 4, padding: -1), .length("length", ofField: "ids"), .numbers("x", from: ["x"]),
                .numbers("y", from: ["y"]), .classes("kind"), .text("letters", from: "kind", length: 2),
            ])
        let tensors = try data.samples([0, 1])
        #expect(tensors[0].shape == [2, 4] && tensors[2].shape == [2, 4] && tensors[3].shape == [2, 1])
        #expect(tensors[0].elements(of: Int32.self) == [5, 6, 7, -1, -1, -1, -1, -1])
        #expect(tensors[1].elements(of: Int32.self) == [3, 0])
        #expect(tensors[2].elements(of: Float.self) == [1, 2, 3, 4.5, 0, 0, 0, 100])
        #expect(tensors[3].elements(of: Float.self) == [-0.5, 3])
        #expect(tensors[4].elements(of: Int32.self) == [1, 0])
        #expect(tensors[5].elements(of: Int32.self) == [98, 0, 97, 0])
    }

    @Test func whatIsLongerIsCutIfItMayBe() throws {
        let text = #"{"ids": [1, 2, 3]}"#
        #expect(
            complaint(text, [.sequence("ids", length: 2)])
                == "t.jsonl line 1 has 3 elements in 'ids', of which 2 are allowed")
        let data = try read(
            text, [.sequence("ids", length: 2, cutsLonger: true), .length("n", ofField: "ids", limit: 2)])
        #expect(try data.samples([0]).map { $0.elements(of: Int32.self) } == [[1, 2], [2]])
    }

    @Test(arguments: [
        (#"{"x": 1}"# + "\n[2]", "t.jsonl line 2 is no JSON object, as {\"text\": \"…\"} is one"),
        (#"{"x": 1"#, "t.jsonl line 1 is no JSON that can be read; each line must hold a JSON object"),
        ("{}", "t.jsonl line 1 has no 'x'"),
        (#"{"x": null}"#, "t.jsonl line 1 has nothing in 'x', where a number must stand"),
        (#"{"x": true}"#, "t.jsonl line 1 has true in 'x', where a number must stand"),
        (#"{"x": [1]}"#, "t.jsonl line 1 has an array of 1 in 'x', where a number must stand"),
        (#"{"x": {}}"#, "t.jsonl line 1 has an object in 'x', where a number must stand"),
        (
            #"{"x": -1e999, "y": 1e999}"#,
            "t.jsonl line 1 has a number that 64 bits cannot hold in 'x', where a number must stand"
        ),
        ("\n \n", "t.jsonl has no records; at least 1 is needed"),
    ])
    func whatIsNoRecordIsRefusedWithItsLine(text: String, sentence: String) {
        #expect(complaint(text, [.number("x")]) == sentence)
    }

    /// The line is named that is too long, also the first one, and one whose end was seen.
    @Test(arguments: [("", "", 1), ("{\"x\": 1}\n", "", 2), ("", "\n{\"x\": 1}", 1)])
    func aLineThatIsTooLongIsRefused(before: String, after: String, line: Int) {
        let text = before + "{\"x\": " + String(repeating: " ", count: 16 << 20) + "1}" + after
        #expect(
            complaint(text, [.number("x")]) == "t.jsonl line \(line) has more than the 16777216 bytes that are allowed")
    }

    @Test func recordsOfAnotherWidthAreRefused() {
        #expect(
            complaint("{\"x\": [1, 2]}\n{\"x\": [1]}", [.numbers("x", from: ["x"])])
                == "t.jsonl line 2 has 1 values for 'x', where the first record has 2")
    }
}
