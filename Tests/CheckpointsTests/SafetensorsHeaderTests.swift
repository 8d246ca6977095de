import Checkpoints
import CheckpointsTestKit
import SystemPackage
import Tensors
import Testing

/// Headers that others write and the `safetensors` package reads, 0.8.0 for one.
struct SafetensorsHeaderTests {
    private func reader(_ header: String, _ byteCount: Int = 20) throws -> SafetensorsReader {
        let text = Array(header.utf8)
        let count = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }
        return try SafetensorsReader(file: MemoryReadableFile(count + text + (0..<byteCount).map { UInt8($0) }))
    }

    private static let a = #""a":{"dtype":"F32","shape":[3],"data_offsets":[8,20]}"#
    private static let b = #""b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

    @Test func membersComeInAnyOrderAndEntriesInThatOfTheData() throws {
        let reader = try reader("{\(Self.a),\(Self.b)}")
        #expect(reader.entries == [CheckpointEntry("b", .float32, [2]), CheckpointEntry("a", .float32, [3])])
        #expect(try reader.contents(of: "a") == (8..<20).map { UInt8($0) })
        #expect(try reader.contents(of: "b") == (0..<8).map { UInt8($0) })
    }

    @Test func emptyTensorsLieAnywhere() throws {
        let empty = [0, 8, 20].map { place in
            #""e\#(place)":{"dtype":"F32","shape":[0,4],"data_offsets":[\#(place),\#(place)]}"#
        }
        for order in [
            [Self.a, Self.b] + empty, empty + [Self.b, Self.a], [empty[2], Self.b, empty[0], Self.a, empty[1]],
        ] {
            let reader = try reader("{\(order.joined(separator: ","))}")
            #expect(reader.entries.count == 5)
            #expect(try reader.contents(of: "a") == (8..<20).map { UInt8($0) })
            #expect(try reader.contents(of: "e8") == [])
        }
        let only = try self.reader(#"{"e":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, 0)
        #expect(only.entries == [CheckpointEntry("e", .float32, [0])])
    }

    @Test(arguments: [
        #""x":1"#, #""x":-2.5e3"#, #""x":null"#, #""x":"\u00e9\"""#, #""x":[1,{"y":[true,false]},[]]"#,
        #""x":{"dtype":"F16","z":{}}"#, #""x":1,"x":2"#,
    ])
    func membersThatNobodyKnowsArePassedOver(extra: String) throws {
        let b = #""b":{"dtype":"F32",\#(extra),"shape":[2],"data_offsets":[0,8]}"#
        #expect(try reader("{\(Self.a),\(b)}").entries.count == 2)
    }

    @Test func metadataMayBeNull() throws {
        #expect(try reader(#"{"__metadata__":null,\#(Self.b),\#(Self.a)}"#).metadata == [:])
        #expect(try reader(#"{\#(Self.b),\#(Self.a),"__metadata__":{"format":"ms"}}"#).metadata == ["format": "ms"])
    }

    @Test(arguments: [
        ("F8_E4M3", [4], 4), ("F8_E5M2FNUZ", [2, 2], 4), ("F4", [8], 4), ("F6_E2M3", [2, 2], 3), ("C128", [2], 32),
        ("I4", [3, 2], 3), ("F16_NEW", [1, 2], 4),
    ])
    func tensorOfANewerTypeHidesNoOther(type: String, shape: [Int], byteCount: Int) throws {
        let q = #""q":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[20,\#(20 + byteCount)]}"#
        let reader = try reader("{\(q),\(Self.a),\(Self.b)}", 20 + byteCount)
        #expect(try reader.contents(of: "a") == (8..<20).map { UInt8($0) })
        let entry = try #require(reader.entry(named: "q"))
        guard case .foreign(let foreign) = entry.kind else {
            Issue.record("\(entry)")
            return
        }
        #expect(foreign.elementType == type && foreign.dimensions == shape && entry.byteCount == byteCount)
        #expect(try reader.contents(of: "q").count == byteCount)
        let error = #expect(throws: FormatError.self) { try reader.tensor("q") }
        #expect(error?.description == "q in memory cannot be read: its type \(type) is not supported")
        for format in CheckpointFormats.all {
            #expect(throws: FormatError.cannotStore(name: "q", reason: "its type \(type) is not supported")) {
                try format.order(of: [entry])
            }
        }
    }

    @Test func newerTypeWhoseSizeCannotBeIsDamage() {
        let q = #"{"q":{"dtype":"F8_E4M3","shape":[5],"data_offsets":[0,4]}}"#
        #expect(throws: FormatError.damaged(path: "memory", offset: 9, .typeUnknown(name: "q", type: "F8_E4M3"))) {
            try reader(q, 4)
        }
    }

    /// What the package refuses is refused here.
    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]},}"#,
        #"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20],"x":tru}}"#,
        #"{"a":{"dtype":"F32","shape":[05],"data_offsets":[0,20]}}"#,
        #"{"a":{"dtype":"F32","shape":[5.0],"data_offsets":[0,20]}}"#,
        #"{"a":{"dtype":"F32","shape":null,"data_offsets":[0,20]}}"#,
        #"{"a":{"dtype":"F32","data_offsets":[0,20]}}"#,
        #"{"a":{"dtype":"F32","dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#,
        #"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20,20]}}"#,
        #"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]},"b":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#,
        #"{"__metadata__":{"x":null},"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#,
        #"{"__metadata__":[],"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#,
    ])
    func whatThePackageRefusesIsRefused(header: String) {
        #expect(throws: FormatError.self) { try reader(header) }
    }

    @Test func nestingWithoutEndIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: FormatError.self) {
            try reader(#"{"a":{"dtype":"F32","x":\#(deep),"shape":[5],"data_offsets":[0,20]}}"#)
        }
    }
}
