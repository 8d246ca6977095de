import Datasets
import SystemPackage
import Tensors
import Testing

struct IDXFileTests {
    static let bytes = IDXBytes.plain([1, 2, 3, 4, 5, 6], [1, 2, 3])

    /// What reading bytes under the name "f" says, or nil if they can be read.
    private func complaint(_ bytes: [UInt8]) -> String? {
        do throws(DataError) {
            _ = try IDXFile(bytes, path: "f")
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [[6], [2, 3], [1, 2, 3], [3, 1, 2, 1]])
    func allRanksAreRead(dimensions: [Int]) throws {
        let file = try IDXFile(IDXBytes.plain([1, 2, 3, 4, 5, 6], dimensions), path: "f")
        #expect(file.shape.dimensions == dimensions)
        #expect(try file.elements == [1, 2, 3, 4, 5, 6])
        #expect(file.path == "f")
    }

    @Test func gzipAndPlainGiveTheSameWhateverTheName() throws {
        let folder = try DataFolder(["plain.gz": Self.bytes, "compressed": IDXBytes.gzip(Self.bytes)])
        let plain = try IDXFile(contentsOf: folder.path.appending("plain.gz"))
        let compressed = try IDXFile(contentsOf: folder.path.appending("compressed"))
        #expect(plain.shape == compressed.shape && plain.shape == [1, 2, 3])
        #expect(try plain.elements == compressed.elements && plain.elements == [1, 2, 3, 4, 5, 6])
    }

    @Test func anEmptyArrayIsRead() throws {
        #expect(try IDXFile(IDXBytes.plain([], [0, 28, 28]), path: "f").elements.isEmpty)
    }

    @Test func whatIsNotIDXIsRefused() {
        #expect(
            complaint(Array("%PDF-1.7".utf8))
                == "f is no IDX file: it begins with 25 50 44 46, and IDX files of unsigned bytes begin with 00 00 08")
        #expect(
            complaint([]) == "f is no IDX file: it is empty, and IDX files of unsigned bytes begin with 00 00 08")
    }

    @Test func everyTruncationIsRefused() {
        for count in 2..<Self.bytes.count {
            #expect(complaint(Array(Self.bytes.prefix(count)))?.hasPrefix("f is cut off: ") == true)
        }
        #expect(complaint([0, 0, 8]) == "f is cut off: it has 3 bytes, and the smallest header has 8")
        #expect(complaint([0, 0, 8, 3, 0]) == "f is cut off: it has 5 bytes, and its header alone has 16")
        #expect(complaint(Self.bytes.dropLast()) == "f is cut off: with elements [1, 2, 3] it has 22 bytes, not 21")
    }

    @Test func bytesAfterTheElementsAreRefused() {
        #expect(complaint(Self.bytes + [7]) == "f is too long: with elements [1, 2, 3] it has 22 bytes, not 23")
    }

    /// 64 MB of zeros behind a header of six bytes, and behind none, in some 65 kB: refused before they are unpacked.
    @Test func gzipThatExpandsBeyondItsHeaderIsRefusedEarly() throws {
        let bomb = { (start: [UInt8]) in IDXBytes.gzip(start) + IDXBytes.manyZeros }
        #expect(
            complaint(bomb(Self.bytes))
                == "f is too long: what it unpacks to has 22 bytes by its header, and more come")
        #expect(complaint(IDXBytes.manyZeros)?.hasPrefix("f has elements of IDX type 00") == true)
        let folder = try DataFolder(["bomb.gz": bomb(Self.bytes)])
        let error = #expect(throws: DataError.self) {
            try IDXFile(contentsOf: folder.path.appending("bomb.gz"))
        }
        #expect("\(error, default: "")".contains("is too long: what it unpacks to has 22 bytes by its header"))
    }

    @Test func otherElementTypesAreRefused() {
        var bytes = Self.bytes
        bytes[2] = 0x0D
        #expect(complaint(bytes) == "f has elements of IDX type 0D; only unsigned bytes, type 08, are allowed")
    }

    @Test func otherRanksAreRefused() {
        #expect(complaint(IDXBytes.plain([9], [])) == "f has 0 dimensions; 1 to 4 are allowed")
        #expect(complaint(IDXBytes.plain([9], [1, 1, 1, 1, 1])) == "f has 5 dimensions; 1 to 4 are allowed")
    }

    @Test func sizesAreNotBelievedUnchecked() {
        let most = Int(UInt32.max)
        #expect(
            complaint(IDXBytes.plain([], [most, most, most, most]))
                == "f claims elements [\(most), \(most), \(most), \(most)]; no file has so many")
        #expect(
            complaint(IDXBytes.plain([], [1 << 30])) == "f is cut off: with elements [1073741824] it has 1073741832 "
                + "bytes, not 8")
    }

    @Test func damagedGzipIsRefused() {
        let compressed = IDXBytes.gzip(Self.bytes)
        #expect(complaint(compressed.dropLast()) == "f cannot be decompressed: the gzip data are cut off")
        var damaged = compressed
        damaged[20] ^= 1
        #expect(complaint(damaged)?.hasPrefix("f cannot be decompressed: the gzip data are damaged") == true)
    }
}
