import Collectives
import CollectivesTestKit
import Datasets
import Files
import Foundation
import MindSporeTestKit
import Pictures
import SystemPackage
import Tensors
import Testing

struct PictureTests {
    /// Two rows of three pixels.
    static let ppm = Array("P6 # a comment\n3 2\n255\n".utf8) + (0..<18).map { UInt8($0 * 14) }

    private func complaint(_ bytes: [UInt8]) -> String? {
        do throws(PictureError) {
            _ = try Picture(decoding: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func ppmIsRead() throws {
        let picture = try Picture(decoding: Self.ppm)
        #expect(picture.width == 3 && picture.height == 2)
        #expect(picture.pixels == (0..<18).map { UInt8($0 * 14) })
        let grey = try Picture(decoding: Array("P5\n2 1\n15\n".utf8) + [0, 15])
        #expect(grey.pixels == [0, 0, 0, 255, 255, 255] && grey.grey == [0, 255])
        let wide = try Picture(decoding: Array("P5 1 1 65535\n".utf8) + [0x80, 0])
        #expect(wide.pixels == [128, 128, 128])
    }

    @Test func whatIsNoPictureIsRefused() {
        #expect(complaint([]) == "is no picture that can be read: PNG, JPEG, PPM (P6) and PGM (P5) are allowed")
        #expect(
            complaint(Array(Self.ppm.dropLast()))
                == "is a PPM file that is cut off: 3×2 pixels are 18 bytes behind byte 23, and 17 are there")
        #expect(complaint(Array("P6 3 x".utf8)) == "is a PPM file with no number at byte 5 of its header")
        #expect(complaint(Array("P5 1 1 0 a".utf8)) == "is a PGM file whose highest value is 0; 1 to 65535 are allowed")
        #expect(
            complaint(Array("P6 9999999999 9999999999 255 ".utf8))
                == "claims 9999999999×9999999999 pixels; 1 to 67108864 are allowed")
        #expect(complaint([0x89, 0x50, 0x4E, 0x47, 1])?.hasPrefix("is a PNG file that cannot be read: ") == true)
        #expect(complaint([0xFF, 0xD8, 0xFF])?.hasPrefix("is a JPEG file that cannot be read: ") == true)
    }

    /// 30,000 × 30,000 pixels in some bytes: nothing is unpacked.
    @Test func aPictureThatClaimsTooMuchIsRefused() {
        let chunk: [UInt8] = Array("IHDR".utf8) + [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 2, 0, 0, 0]
        var checksum = CRC32()
        checksum.update(chunk.span)
        let bytes =
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + chunk + IDXBytes.bigEndian(checksum.value)
            + [0, 0, 0, 4] + Array("IDAT".utf8) + [1, 2, 3, 4]
        let sentence = complaint(bytes) ?? ""
        #expect(sentence.contains("claims 30000×30000 pixels") || sentence.contains("cannot be read"), "\(sentence)")
    }

    @Test(.enabled(if: hasMindSpore)) func pixelsAreThoseThatPillowReads() throws {
        let folder = try DataFolder()
        #expect(try MindSporeScript("pictures.py").run([folder.path.string]) == nil)
        let url = URL(filePath: folder.path.appending("expected.json").string)
        let cases = try JSONDecoder().decode([PictureCase].self, from: Data(contentsOf: url))
        #expect(cases.count >= 16)
        for entry in cases {
            let bytes = try LocalFileSystem().contents(of: folder.path.appending(entry.file), limit: 1 << 20)
            let picture = try Picture(decoding: bytes)
            #expect(picture.width == entry.width && picture.height == entry.height, "\(entry.file)")
            let differences = zip(picture.pixels, entry.pixels).map { abs(Int($0) - Int($1)) }
            #expect(picture.pixels.count == entry.pixels.count && differences.max() == 0, "\(entry.file)")
            let greys = zip(picture.grey, entry.grey).map { abs(Int($0) - Int($1)) }
            #expect((greys.max() ?? 0) <= entry.greyTolerance, "\(entry.file) in grey")
            if entry.file.hasSuffix(".jpg") { try checkOddities(of: bytes, picture, entry.file) }
            // What is cut off is refused, and no byte that is another makes the reader end the process.
            #expect(complaint(Array(bytes.prefix(bytes.count * 2 / 3))) != nil, "\(entry.file) cut off")
            for place in stride(from: 2, to: bytes.count, by: max(bytes.count / 60, 1)) {
                var damaged = bytes
                damaged[place] ^= 0x55
                _ = complaint(damaged)
            }
        }
    }

    /// Bytes between two parts of a JPEG file are passed over, and hide nothing that is wrong behind them.
    private func checkOddities(of bytes: [UInt8], _ picture: Picture, _ file: String) throws {
        let strayed = bytes.dropLast(2) + [0x12, 0x34, 0xFF, 0xD9]
        #expect(try Picture(decoding: Array(strayed)) == picture, "\(file) with two bytes before its end")
        // Behind the first part: its mark, its length of two bytes, and what it says.
        let place = 4 + Int(bytes[4]) << 8 + Int(bytes[5])
        let odd = bytes[..<place] + [0x12, 0x34] + bytes[place...]
        #expect(try Picture(decoding: Array(odd)) == picture, "\(file) with two bytes behind its first part")
        #expect(complaint(Array(odd.prefix(bytes.count * 2 / 3))) != nil, "\(file) odd and cut off")
        // Whatever is damaged further on is seen as well as without them.
        for damage in stride(from: place, to: bytes.count - 2, by: max(bytes.count / 60, 1)) {
            var damaged = bytes
            damaged[damage] ^= 0x55
            let both = [damaged, damaged[..<place] + [0x12, 0x34] + damaged[place...]].map { complaint($0) == nil }
            #expect(both[0] == both[1], "\(file) with another byte \(damage)")
        }
        // A table of more codes than there can be, which nothing can be read with.
        let table = try #require(odd.indices.dropLast().first { odd[$0] == 0xFF && odd[$0 + 1] == 0xC4 })
        var broken = Array(odd)
        for length in 0..<16 { broken[table + 5 + length] = 0xFF }
        #expect(complaint(broken)?.hasPrefix("is a JPEG file that cannot be read: ") == true, "\(file) odd and broken")
    }

    @Test func foldersAreClasses() throws {
        let folder = try DataFolder()
        let dark = Array("P5 1 1 255\n".utf8) + [51]
        try folder.write(["2.ppm": Self.ppm, "1.pgm": dark, "notes.txt": [1]], in: "dog")
        try folder.write(["a.PPM": Self.ppm], in: "cat")
        let data = try ImageFolderDataset(directory: folder.path, height: 2, width: 3)
        #expect(data.classes == ["cat", "dog"] && data.count == 3)
        let tensors = try data.samples([1, 0, 2])
        #expect(tensors[1].elements(of: Int32.self) == [1, 0, 1])
        let images = tensors[0].elements(of: Float.self)
        #expect(images[..<18].allSatisfy { abs($0 - 0.2) < 1e-6 })
        let planes = (0..<18).map { (place: Int) -> Float in Float((3 * (place % 6) + place / 6) * 14) / 255 }
        #expect(Array(images[18..<36]) == planes)
        #expect(Array(images[36...]) == planes)
        let grey = try ImageFolderDataset(
            directory: folder.path, height: 1, width: 1, isGrey: true,
            classes: ["dog", "bird", "cat"].filter { $0 != "bird" })
        #expect(grey.columns[0].shape == [1, 1, 1])
        #expect(try grey.samples([0])[0].elements(of: Float.self) == [0.2])
        #expect(try grey.samples([2])[1].elements(of: Int32.self) == [1])
    }

    /// Ranks on hosts whose disks differ would make other steps, and wait for each other.
    @Test func ranksThatSeeOtherFilesAreTold() throws {
        let folders = try [DataFolder(), DataFolder(), DataFolder()]
        for (rank, folder) in folders.enumerated() {
            try folder.write(["1.ppm": Self.ppm, rank == 2 ? "3.ppm" : "2.ppm": Self.ppm], in: "dog")
        }
        let paths = folders.map(\.path)
        let outcomes = ThreadWorld.runCollecting(ranks: 3) { world in
            _ = try ImageFolderDataset(directory: paths[world.rank], height: 2, width: 3, sharedBy: world)
        }
        for (rank, outcome) in outcomes.enumerated() {
            let error = #expect(throws: DataError.self) { try outcome.get() }
            let sentence = "\(error, default: "")"
            #expect(
                sentence.hasPrefix(
                    "\(paths[rank]) is not the same for all ranks: rank 0 sees 2 pictures in 1 folders, ")
            )
            #expect(sentence.contains(", and rank 2 sees 2 pictures in 1 folders, whose names have the checksum "))
        }
    }

    /// What is wrong on one rank is thrown by all, or the others would wait in the next collective.
    @Test func aSizeThatIsWrongOnOneRankIsSaidByAll() throws {
        let folder = try DataFolder()
        try folder.write(["1.ppm": Self.ppm], in: "dog")
        let path = folder.path
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            _ = try ImageFolderDataset(directory: path, height: world.rank, width: 3, sharedBy: world)
        }
        let sentence = "pictures cannot be brought to 0×3 pixels; at least 1×1 are needed"
        for outcome in outcomes {
            #expect(throws: RankFailure(rank: 0, reason: sentence)) { try outcome.get() }
        }
    }

    @Test func aFileThatIsNoPictureIsNamed() throws {
        let folder = try DataFolder()
        try folder.write(["1.png": [1, 2, 3]], in: "dog")
        let data = try ImageFolderDataset(directory: folder.path, height: 2, width: 3)
        let path = folder.path.appending("dog/1.png")
        #expect(
            throws: DataError.badFile(
                path, "is no picture that can be read: PNG, JPEG, PPM (P6) and PGM (P5) are allowed")
        ) { try data.samples([0]) }
        let empty = try DataFolder()
        let error = #expect(throws: DataError.self) {
            try ImageFolderDataset(directory: empty.path, height: 2, width: 3)
        }
        #expect("\(error, default: "")".contains("has no pictures in its 0 folders"))
    }
}

private struct PictureCase: Decodable {
    let file: String
    let width: Int
    let height: Int
    let pixels: [UInt8]
    let grey: [UInt8]
    let greyTolerance: Int
}
