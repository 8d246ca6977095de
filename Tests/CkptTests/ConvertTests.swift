import Foundation
import Testing

/// `ckpt convert`.
struct ConvertTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test func thereAndBackAgainIsTheSameFile() throws {
        let original = Vectors.path("plain/dtype_Float32.ckpt")
        _ = try CkptRun.succeeding("convert", original, folder("x.safetensors"))
        _ = try CkptRun.succeeding("diff", original, folder("x.safetensors"))
        _ = try CkptRun.succeeding("convert", folder("x.safetensors"), folder("x.ckpt"))
        _ = try CkptRun.succeeding("diff", original, folder("x.ckpt"))
        #expect(folder.files == ["x.ckpt", "x.safetensors"])
    }

    @Test(arguments: ["x.ckpt", "x.safetensors"])
    func crcIsAddedAndRight(output: String) throws {
        _ = try CkptRun.succeeding("convert", "--crc", Vectors.path("plain/dtype_Int64.ckpt"), folder(output))
        _ = try CkptRun.succeeding("verify", folder(output))
    }

    /// Without a change a file of MindSpore comes out byte for byte.
    @Test func ckptOfMindSporeIsWrittenAsMindSporeWritesIt() throws {
        _ = try CkptRun.succeeding("convert", Vectors.path("plain/append_dict.ckpt"), folder("x.ckpt"))
        #expect(try folder.bytes(of: "x.ckpt") == Vectors.bytes(of: "plain/append_dict.ckpt"))
    }

    /// Converted, the file would look sound: its old CRC would be gone, or a new one would stand in its place.
    @Test(arguments: ["x.ckpt", "x.safetensors"], [[], ["--crc"]])
    func fileWhoseCRCIsWrongIsNotConverted(output: String, options: [String]) throws {
        for input in ["plain/all_dtypes_crc.ckpt", "safetensors/crc.safetensors"] {
            let name = "damaged.\(input.split(separator: ".").last ?? "")"
            try folder.write(try Vectors.bytes(of: input), to: name)
            let contents = try folder.bytes(of: name)
            try folder.damage(name, at: contents.count - (name.hasSuffix("ckpt") ? 18 : 1))
            let run = try CkptRun(["convert", folder(name), folder(output)] + options)
            #expect(run.status == 1 && run.errors.contains("the stored CRC is "), "\(run)")
            #expect(!folder.files.contains(output))
        }
    }

    @Test func tensorsThatDoNotFitAreNamed() throws {
        let tensors =
            #"{"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"#
            + #""w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#
        try folder.write(
            [UInt8(tensors.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(tensors.utf8) + [5, 6], to: "x.safetensors")
        let run = try CkptRun(["convert", folder("x.safetensors"), folder("x.ckpt")])
        #expect(run.status == 0)
        #expect(
            run.errors == "ckpt: note: e had no elements and is not in the output: .ckpt files hold no such tensors\n")
        let same = try CkptRun(["convert", folder("x.safetensors"), folder("y.safetensors")])
        #expect(same.status == 0 && same.errors == "")
    }

    @Test func typeThatIsNotSupportedIsRefusedByName() throws {
        let header = #"{"q":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#
        try folder.write(
            [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [5, 6], to: "q.safetensors")
        for output in ["x.ckpt", "x.safetensors"] {
            try CkptRun(["convert", folder("q.safetensors"), folder(output)]).expectRefusal(
                "q cannot be stored: its type F8_E4M3 is not supported")
        }
        let shown = try CkptRun.succeeding("inspect", folder("q.safetensors"))
        #expect(shown.lines.contains("q     F8_E4M3 (not supported)  [2]     2 B"))
        _ = try CkptRun.succeeding("diff", folder("q.safetensors"), folder("q.safetensors"))
    }

    @Test func removedRedundancyIsStillSaid() throws {
        let vector = "safetensors/remove_redundancy_true.safetensors"
        _ = try CkptRun.succeeding("convert", Vectors.path(vector), folder("x.safetensors"))
        let text = String(decoding: try folder.bytes(of: "x.safetensors"), as: UTF8.self)
        #expect(text.contains("\"remove_redundancy\":\"True\""))
    }

    @Test func textsDoNotFitIntoSafetensors() throws {
        let run = try CkptRun(["convert", Vectors.path("plain/append_dict.ckpt"), folder("x.safetensors")])
        run.expectRefusal("name cannot be stored: safetensors files hold tensors only")
        #expect(folder.files == [])
    }

    @Test func outputThatExistsIsKept() throws {
        try folder.write([1, 2, 3], to: "x.ckpt")
        let arguments = ["convert", Vectors.path("plain/cell.ckpt"), folder("x.ckpt")]
        try CkptRun(arguments).expectRefusal(
            "\(folder("x.ckpt")) exists; name another output, or give --force to replace it")
        #expect(try folder.bytes(of: "x.ckpt") == [1, 2, 3])
        #expect(try CkptRun(arguments + ["--force"]).status == 0)
        #expect(try folder.bytes(of: "x.ckpt") == Vectors.bytes(of: "plain/cell.ckpt"))
    }

    @Test func fileOfASetIsNeverReplaced() throws {
        try SampleSets.publish("net", step: 1, in: folder)
        let before = try folder.bytes(of: "rank_0/net.ckpt")
        let output = folder("rank_0/net.ckpt")
        try CkptRun(["convert", "--force", Vectors.path("plain/cell.ckpt"), output]).expectRefusal(
            "\(output) belongs to checkpoint net, which would be damaged; name another output")
        #expect(try folder.bytes(of: "rank_0/net.ckpt") == before)
    }

    @Test(arguments: ["x.ckpt", "x.safetensors"])
    func fullDiskLeavesTheOldOutputAndNothingElse(output: String) throws {
        try SampleSets.writeLarge(kilobytes: 300, to: folder("large.ckpt"))
        try folder.write([1, 2, 3], to: output)
        let run = try CkptRun(
            ["convert", "--force", folder("large.ckpt"), folder(output)], fileKilobytes: 100)
        run.expectRefusal(
            "cannot write \(folder.path)/.\(output).\(run.pending(in: run.errors)).pending: File too large")
        #expect(try folder.bytes(of: output) == [1, 2, 3])
        #expect(folder.files == ["large.ckpt", output].sorted())
    }

    /// The input is so large, though none of it lies on the disk, that the signal comes in time.
    @Test func signalLeavesNothing() throws {
        let byteCount = 1 << 33
        let header = #"{"large":{"dtype":"U8","shape":[65536,131072],"data_offsets":[0,\#(byteCount)]}}"#
        let path = try folder.write(
            [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8), to: "x.safetensors")
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: UInt64(8 + header.utf8.count + byteCount))
        try file.close()
        let run = try CkptRun(["convert", path, folder("x.ckpt")]) { process in
            while process.isRunning, try FileManager.default.contentsOfDirectory(atPath: folder.path).count < 2 {
                sched_yield()
            }
            process.terminate()
        }
        #expect(run.status == 1 && run.errors.hasSuffix(": signal 15 came in between\n"), "\(run)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.safetensors"])
    }

    @Test func damagedInputLeavesNothing() throws {
        try folder.write(Array(Vectors.bytes(of: "plain/cell.ckpt").dropLast(3)), to: "x.ckpt")
        let run = try CkptRun(["convert", folder("x.ckpt"), folder("y.safetensors")])
        #expect(run.status == 1 && run.errors.hasPrefix("ckpt: error: \(folder("x.ckpt")) is damaged at byte "))
        #expect(folder.files == ["x.ckpt"])
    }
}

extension CkptRun {
    /// The digits in the name of an output that was not finished.
    func pending(in text: String) -> String {
        text.firstMatch(of: /\.([0-9a-f]+)\.pending/).map { String($0.output.1) } ?? ""
    }
}
