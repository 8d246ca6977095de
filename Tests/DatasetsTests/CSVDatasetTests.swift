import Datasets
import Files
import SystemPackage
import Tensors
import Testing

struct CSVDatasetTests {
    private static let flowers = [
        #"name,length,"the width",kind"#, "a,1.5,2,\"rose\"\r", #""b, or ""c""",-3e1, 4 ,tulip"#, "", "d,0.25,6.5,rose",
    ].joined(separator: "\n")

    private func read(
        _ text: String, _ columns: [TableColumn], header: Bool = true, separator: Character = ","
    ) throws -> TableDataset {
        try CSVDataset.read(Array(text.utf8), path: "t.csv", columns: columns, header: header, separator: separator)
    }

    /// What reading says, or nil if the text is taken.
    private func complaint(_ text: String, _ columns: [TableColumn], header: Bool = true) -> String? {
        do {
            _ = try read(text, columns, header: header)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func columnsAreFoundByTheirNames() throws {
        let data = try read(
            Self.flowers, [.numbers("sizes", from: ["the width", "length"]), .number("length"), .classes("kind")])
        #expect(
            data.columns == [
                DataColumn("sizes", shape: [2], elementType: .float32),
                DataColumn("length", shape: [], elementType: .float32),
                DataColumn("kind", shape: [], elementType: .int32),
            ])
        let tensors = try data.samples([0, 1, 2])
        #expect(tensors[0].elements(of: Float.self) == [2, 1.5, 4, -30, 6.5, 0.25])
        #expect(tensors[1].elements(of: Float.self) == [1.5, -30, 0.25])
        #expect(tensors[2].elements(of: Int32.self) == [0, 1, 0])
        #expect(data.classes == ["kind": ["rose", "tulip"]])
    }

    @Test func fieldsInQuotesHoldSeparatorsQuotesAndLineEnds() throws {
        let text = "t;n\n\"a;\"\"b\"\"\r\nc\";1\n"
        let data = try read(text, [.text("t", length: 12, padding: -1), .integer("n")], separator: ";")
        let bytes = try data.samples([0])[0].elements(of: Int32.self)
        #expect(bytes == Array("a;\"b\"\r\nc".utf8).map { Int32($0) } + [-1, -1, -1, -1])
    }

    @Test func withoutAHeaderFieldsAreNumbers() throws {
        let data = try read("1,2\n3,4", [.integers("x", from: ["2", "1"])], header: false)
        #expect(try data.samples([1, 0])[0].elements(of: Int32.self) == [4, 3, 2, 1])
        // A mark of UTF-8 at the beginning is no part of the first field.
        #expect(try read("\u{FEFF}x\n7", [.integer("x")]).samples([0])[0].elements(of: Int32.self) == [7])
    }

    @Test func classesHaveTheOrderTheyAreGivenOrThatOfTheirTexts() throws {
        let text = "k\nb\nc\na\nb"
        #expect(try read(text, [.classes("k")]).samples([0, 1, 2, 3])[0].elements(of: Int32.self) == [1, 2, 0, 1])
        let given = try read(text, [.classes("k", among: ["c", "b", "a"])])
        #expect(try given.samples([0, 1, 2, 3])[0].elements(of: Int32.self) == [1, 0, 2, 1])
        #expect(
            complaint(text, [.classes("k", among: ["b", "c"])])
                == "t.csv line 4 has 'a' in 'k', which is none of the 2 classes")
    }

    @Test func whatIsMissingIsRefusedOrGiven() throws {
        #expect(
            complaint("x,y\n1,2\n,3", [.number("x")]) == "t.csv line 3 has '' in 'x', where a number must stand")
        let data = try read("x,y\n1,2\n ,3", [.number("x", missing: -1)])
        #expect(try data.samples([0, 1])[0].elements(of: Float.self) == [1, -1])
    }

    @Test(arguments: [
        ("x,y\n1,2\n1", "t.csv line 3 has 1 fields, where the header has 2"),
        ("x,y\n1,two", "t.csv line 2 has 'two' in 'y', where a number must stand"),
        ("x,y\n1,nan", "t.csv line 2 has 'nan' in 'y', where a number must stand"),
        ("x,y\n1,0x10", "t.csv line 2 has '0x10' in 'y', where a number must stand"),
        ("x,y\n1,1e400", "t.csv line 2 has '1e400' in 'y', where a number must stand"),
        ("x,y\n1,1e39", "t.csv line 2 has '1e39' in 'y', which no float32 holds"),
        ("x,y\n\n1,\"2\n3,4", "t.csv line 3 begins a record in which a quote is left open"),
        (
            "x,y\n1,\"2\"3",
            "t.csv line 2 has text after a field in quotes, where a separator or the end of the line must stand"
        ),
        ("x,z\n1,2", "t.csv has no field 'y'; its fields are 'x', 'z'"),
        ("y,y\n1,2", "t.csv has 2 fields 'y'; its fields are 'y', 'y'"),
        ("x,y\n", "t.csv has no records below its line of names; at least 1 is needed"),
        ("x,y\n1,\u{1b}[2J", "t.csv line 2 has '\\u{1b}[2J' in 'y', where a number must stand"),
    ])
    func whatIsNoTableIsRefusedWithItsLine(text: String, sentence: String) {
        #expect(complaint(text, [.number("y")]) == sentence)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        let error = #expect(throws: DataError.self) {
            try CSVDataset.read(Array("x\n".utf8) + [0xFF], path: "t.csv", columns: [.number("x")])
        }
        #expect("\(error, default: "")" == "t.csv line 2 has a 'x' that is no text in UTF-8")
    }

    /// Each field takes more memory than its comma.
    @Test func aRecordOfCommasIsRefused() {
        #expect(
            complaint("x\n" + String(repeating: ",", count: 1 << 20), [.number("x")])
                == "t.csv line 2 has more than the 1048576 fields that are allowed")
        #expect(
            complaint("x\n" + String(repeating: ",", count: 1 << 20 - 1), [.number("x")])
                == "t.csv line 2 has 1048576 fields, where the header has 1")
    }

    /// A mistake of the program ends it with a sentence.
    @Test func aColumnOfLessThanNothingIsMisuse() async {
        await #expect(processExitsWith: .failure) { _ = TableColumn.sequence("x", length: -1) }
        await #expect(processExitsWith: .failure) { _ = TableColumn.text("x", length: 0) }
        await #expect(processExitsWith: .failure) { _ = TableColumn.length("n", ofField: "x", limit: -2) }
    }

    @Test func integersMustFit() {
        #expect(
            complaint("x\n2147483648", [.integer("x")])
                == "t.csv line 2 has '2147483648' in 'x', where a whole number from -2147483648 to 2147483647 must stand"
        )
        #expect(complaint("x\n1.5", [.integer("x")]) != nil)
        #expect(complaint("x\n-2147483648", [.integer("x")]) == nil)
    }

    /// Records lie across the pieces that a file is read in.
    @Test func aFileLargerThanAPieceIsReadWholeGzippedOrNot() throws {
        let count = 150_000
        let text = "n,half\n" + (0..<count).map { "\($0),\(Float($0) / 2)\n" }.joined()
        #expect(text.utf8.count > 2 << 20)
        let folder = try DataFolder(["t.csv": Array(text.utf8)])
        let data = try CSVDataset.load(
            contentsOf: folder.path.appending("t.csv"), columns: [.integer("n"), .number("half")])
        #expect(data.count == count && data.residentByteCount == 8 * count)
        let tensors = try data.samples(Array(0..<count))
        #expect(tensors[0].elements(of: Int32.self) == (0..<Int32(count)).map { $0 })
        #expect(tensors[1].elements(of: Float.self) == (0..<count).map { Float($0) / 2 })
        try LocalFileSystem().replaceContents(
            of: folder.path.appending("t.csv.gz"), with: IDXBytes.gzip(Array(Self.flowers.utf8)))
        let packed = try CSVDataset.load(
            contentsOf: folder.path.appending("t.csv.gz"), columns: [.number("length")])
        #expect(packed.count == 3)
    }

    @Test func aTableIsSplitAndNormalised() throws {
        let data = try read("x\n1\n2\n3\n4\n5\n6", [.numbers("x", from: ["x"])])
        let (train, test) = data.split(testing: 3)
        #expect(try train.samples([0, 1, 2, 3])[0].elements(of: Float.self) == [1, 2, 4, 5])
        #expect(try test.samples([0, 1])[0].elements(of: Float.self) == [3, 6])
        let scaled = try train.map([Normalize(of: train, column: "x")], inputColumn: "x")
        let values = try scaled.samples([0, 1, 2, 3])[0].elements(of: Float.self)
        let (sum, squares) = (values.reduce(0, +), values.reduce(Float(0)) { $0 + $1 * $1 })
        #expect(abs(sum) < 1e-5)
        #expect(abs(squares - 4) < 1e-5)
    }

    @Test func namesStandInTheFirstLine() throws {
        let folder = try DataFolder(["t.csv": Array("\n\"a b\",c\n1,2\n".utf8), "none.csv": []])
        #expect(try CSVDataset.names(contentsOf: folder.path.appending("t.csv")) == ["a b", "c"])
        let path = folder.path.appending("none.csv")
        #expect(throws: DataError.badFile(path, "is empty; a line of names is needed")) {
            try CSVDataset.names(contentsOf: path)
        }
    }
}
