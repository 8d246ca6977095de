import CheckpointsTestKit
import Files
import FoundationEssentials
import Layouts
import SystemPackage
import Tensors
import Testing

@testable import Checkpoints

/// Manifests as they are written, and everything that makes one unreadable.
struct ManifestTests {
    private let disk = MemoryFileSystem()

    private func text() throws -> String {
        let manifest = try publish("a", step: 3, on: disk).manifest
        return String(decoding: manifest.json, as: UTF8.self)
    }

    @Test func aManifestComesBackAsItWent() throws {
        let manifest = try publish("a", step: 3, on: disk).manifest
        #expect(try Manifest(json: manifest.json, path: "m") == manifest)
        #expect(manifest.checkpoint == set("a", step: 3))
        #expect(manifest.checkpoint.progress.seed == UInt64.max - 1)
    }

    @Test func aManifestIsReadableByPeople() throws {
        let text = try text()
        #expect(text.hasPrefix("{\n  \"checkpoint\" : {\n"))
        #expect(text.contains("\"seed\" : \"18446744073709551614\""))
        #expect(text.contains("\"path\" : \"rank_0/a.ckpt\""))
        #expect(text.hasSuffix("}\n"))
    }

    @Test func fieldsOfLaterVersionsArePassedOver() throws {
        let text = try text().replacing("\"worldSize\" : 1", with: "\"layout\" : [1, {}], \"worldSize\" : 1")
        #expect(try Manifest(json: Array(text.utf8), path: "m").worldSize == 1)
    }

    @Test(arguments: [
        ("\"formatVersion\" : 1", "\"formatVersion\" : 2", "its format version is 2, and this version reads 1"),
        ("\"formatVersion\" : 1,", "", "formatVersion is missing"),
        ("\"worldSize\" : 1", "\"worldSize\" : \"1\"", "worldSize is no whole number"),
        (
            "\"created\" : \"2001-", "\"created\" : \"202001-",
            "created: \"202001-09-09T01:46:40Z\" is no time of the years 1600 to 9999, such as 2026-11-27T07:41:00Z"
        ),
        ("\"worldSize\" : 1", "\"worldSize\" : 0", "worldSize is 0"),
        ("\"worldSize\" : 1", "\"worldSize\" : 1e999", "it has a number that cannot be read: not"),
        ("\"worldSize\" : 1", "\"worldSize\" : 1.5", "it has a number that cannot be read: not"),
        ("\"worldSize\" : 1", "\"worldSize\" : 1-2", "it has a number that cannot be read: not"),
        ("\"worldSize\" : 1", "\"worldSize\" : x", "it is no JSON"),
        ("\"worldSize\" : 1", "\"worldSize\" : null", "worldSize is null"),
        ("\"step\" : 3,", "", "checkpoint.progress.step is missing"),
        ("\"step\" : 3", "\"step\" : -3", "checkpoint.progress.step is -3"),
        (
            "\"step\" : 3", "\"step\" : 9223372036854775807", "checkpoint.progress.step is 9223372036854775807"
        ),
        (
            "\"seed\" : \"1", "\"seed\" : \"x1",
            "checkpoint.progress.seed: \"x18446744073709551614\" is no whole number of 64 bits"
        ),
        ("replicated", "torn", "checkpoint.kind: \"torn\" is none of replicated, integrated, sharded, deduplicated"),
        ("rank_0/a.ckpt", "/etc/passwd", "\"/etc/passwd\" is no path below its directory"),
        ("rank_0/a.ckpt", "../a.ckpt", "\"../a.ckpt\" is no path below its directory"),
        ("rank_0/a.ckpt", "rank_0//a", "\"rank_0//a\" is no path below its directory"),
        (
            "rank_0/a.ckpt", "b.manifest.json",
            "\"b.manifest.json\" is no path below its directory that a file of a set can have"
        ),
        (
            "rank_0/a.ckpt", "status.json",
            "\"status.json\" is no path below its directory that a file of a set can have"
        ),
        (
            "rank_0/a.ckpt", "halt/r.json",
            "\"halt/r.json\" is no path below its directory that a file of a set can have"
        ),
        (
            "rank_0/a.ckpt", "x/.b.removed",
            "\"x/.b.removed\" is no path below its directory that a file of a set can have"
        ),
        ("\"path\" : \"rank_0/a.ckpt\",", "", "files[0].path is missing"),
        ("\"rank\" : 0", "\"rank\" : 1", "the rank of rank_0/a.ckpt is 1, but there were 1 ranks"),
        ("\"byteCount\" : ", "\"byteCount\" : -", "the size of rank_0/a.ckpt is -"),
        ("\"xxh3\" : \"", "\"xxh3\" : \"0", "the checksum of rank_0/a.ckpt is \"0"),
        ("\"dp\",\n        \"size\" : 1", "\"dp\", \"size\" : 0", "the size of mesh axis dp is 0"),
        ("\"name\" : \"a\"", "\"name\" : \"b\"", "the name in it is b"),
        ("\"name\" : \"a\"", "\"name\" : \"../b\"", "\"../b\" cannot be the name of a set"),
        ("\"files\" : [", "\"files\" : {", "it is no JSON"),
        ("\"id\" : \"3-", "\"id\" : \"/", "cannot be the id of a set"),
    ]) func damageIsNamed(old: String, new: String, problem: String) throws {
        let text = try text()
        #expect(text.contains(old))
        let path = output.appending("a.manifest.json")
        try disk.replaceContents(of: path, with: Array(text.replacing(old, with: new).utf8))
        let listing = try CheckpointDirectory(output, fileSystem: disk).list()
        #expect(listing.manifests.isEmpty)
        let sentence = try #require(listing.unreadable.first).description
        #expect(sentence.hasPrefix("\(path) is no manifest that can be read: "))
        #expect(sentence.contains(problem), "\(sentence)")
    }

    /// Of these a run that carries on would skip or repeat samples, or reckon beyond all numbers.
    @Test(arguments: [
        (["stepInEpoch": "101"], "it is at step 101 of an epoch of 100"),
        (["epoch": "0"], "it is at step 3 of no epoch"),
        (["sampleCount": "97"], "3 steps of 32 samples are not 97 samples"),
        (["step": "9007199254740992"], "9007199254740992 steps of 32 samples are not 96 samples"),
        (
            ["stepsPerEpoch": "9007199254740992"],
            "an epoch of 9007199254740992 steps of 32 samples has more than can be counted"
        ),
        (["worldSize": "131073"], "worldSize is 131073"),
        (["worldSize": "2"], "2 ranks saved it, and there are files of 1"),
    ]) func numbersOfAPositionFitEachOther(fields: [String: String], problem: String) throws {
        let text = try text(replacing: fields)
        #expect(throws: CheckpointSetError.manifest(path: "m", problem: problem)) {
            try Manifest(json: Array(text.utf8), path: "m")
        }
    }

    /// Nothing that stands in a number's place ends the program, whether it is read or refused.
    @Test(arguments: [
        "-1", "-0", "1.5", "1e308", "1e-320", "1e999", "9007199254740992", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "99999999999999999999999999999999999", "0x10", "\"12\"", "nan",
        "null",
        "true", "[]", "{}", "01",
    ]) func everyNumberMayBeAnything(value: String) throws {
        let whole = try text()
        for match in whole.matches(of: /"([A-Za-z]+)" : [0-9]+/) {
            let text = whole.replacing("\"\(match.1)\" : ", with: "\"\(match.1)\" : \(value), \"x\" : ")
            guard let manifest = try? Manifest(json: Array(text.utf8), path: "m") else { continue }
            _ = try? (manifest.savedParameters(), manifest.stateFile(for: .max))
        }
    }

    /// As many ranks as there can be times 4096 parameters would take 20 GB, if each parameter kept what each rank holds.
    @Test(arguments: [CheckpointSet.Kind.replicated, .sharded, .deduplicated])
    func ranksTimesParametersTakeNoMemory(kind: CheckpointSet.Kind) throws {
        let ranks = DeviceMesh.rankLimit
        let layout = try LayoutRecord(DeviceMesh(["dp": ranks]).layout("dp"))
        let parameters = (0..<4096).map {
            ParameterRecord(
                name: "w\($0)", elementType: "Float32", shape: [ranks * ($0 + 1)],
                layout: kind == .replicated ? nil : layout)
        }
        let base = set("a", step: 1)
        let checkpoint = CheckpointSet(
            name: "a", kind: kind, progress: base.progress, cause: base.cause, mesh: [MeshAxis("dp", size: ranks)],
            model: "M", parameters: parameters)
        let manifest = Manifest(checkpoint, id: "1-a", created: Date(timeIntervalSince1970: 0), worldSize: ranks)
        try manifest.checkLayouts()
        guard kind != .deduplicated else {
            let reason =
                "it has 4096 parameters on 131072 ranks without redundancy; together they may be 67108864 slices at most"
            #expect(throws: CheckpointSetError.unreadable(name: "a", reason: reason)) { try manifest.savedParameters() }
            return
        }
        let saved = try manifest.savedParameters()
        #expect(saved.count == 4096 && saved["w7"]?.isHeld(by: ranks - 1) == true)
        #expect(try manifest.savedParameters { $0 == "w7" }.count == 1)
    }

    @Test func filesThatAreLargerTogetherThanANumberAreAdded() throws {
        let whole = try text()
        let parts = whole.split(separator: "\"files\" : [", maxSplits: 1)
        let file = try #require(parts.last?.split(separator: "]").first)
        let size = try #require(file.firstMatch(of: /"byteCount" : [0-9]+/)).output
        let files = (0..<1100).map {
            file.replacing(size, with: "\"byteCount\" : 9007199254740992").replacing("a.ckpt", with: "a\($0).ckpt")
        }
        let text = whole.replacing(file, with: files.joined(separator: ","))
        let manifest = try Manifest(json: Array(text.utf8), path: "m")
        #expect(OutsideNumber.sum(manifest.files.map(\.byteCount)) == .max)
    }

    private func text(replacing fields: [String: String]) throws -> String {
        try fields.reduce(text()) { text, field in
            let old = try #require(text.firstMatch(of: Regex("\"\(field.key)\" : [0-9]+")))
            return text.replacing(text[old.range], with: "\"\(field.key)\" : \(field.value)")
        }
    }

    @Test func aFileNamedTwiceIsRefused() throws {
        let manifest = try publish("a", step: 3, on: disk).manifest
        let text = String(decoding: manifest.json, as: UTF8.self)
        // The only file stands between the first brackets after "files".
        let parts = text.split(separator: "\"files\" : [", maxSplits: 1)
        let file = try #require(parts.last?.split(separator: "]").first)
        let doubled = text.replacing(file, with: "\(file),\(file)")
        #expect(
            throws: CheckpointSetError.manifest(path: "m", problem: "it names rank_0/a.ckpt twice")
        ) { try Manifest(json: Array(doubled.utf8), path: "m") }
    }

    @Test func everyTruncationIsRefused() throws {
        let json = Array(try text().utf8)
        for count in 0..<json.count - 2 {
            #expect(throws: CheckpointSetError.self) { try Manifest(json: Array(json[..<count]), path: "m") }
        }
    }
}
