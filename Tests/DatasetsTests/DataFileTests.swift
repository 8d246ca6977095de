import Collectives
import CollectivesTestKit
import Files
import Foundation
import SystemPackage
import Tensors
import Testing

@testable import Datasets

/// Data that stay in their files.
struct DataFileTests {
    private static let text = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }

    @Test func aTextIsReadSampleBySampleAndHoldsNoMemory() throws {
        let folder = try DataFolder(["text": Self.text])
        let corpus = try TextCorpus(contentsOf: folder.path.appending("text"))
        let stored = try TextDataset(corpus.train, length: 10, stride: 3)
        let inMemory = try TextDataset(Self.text[..<4500], length: 10, stride: 3)
        #expect(stored.count == inMemory.count)
        #expect(stored.residentByteCount == 0 && inMemory.residentByteCount == 4500)
        let indices = [0, 7, stored.count - 1, 3]
        let (found, expected) = (try samples(indices, of: stored), try samples(indices, of: inMemory))
        #expect(found == expected)
        #expect(found[0][..<10] == Self.text[..<10].map(Int32.init)[...])
        #expect(found[1][..<10] == Self.text[1..<11].map(Int32.init)[...])
    }

    /// Ten gigabytes would be measured for hours at the end of a run.
    @Test func theTestPartOfALargeTextIsLimited() {
        let text = [UInt8](repeating: 1, count: 12 << 20)
        let corpus = TextCorpus(FileSlice(text, path: "text"))
        #expect(corpus.train.count == text.count * 9 / 10 && corpus.test.count == TextCorpus.testLimit)
        #expect(TextCorpus(FileSlice(Array(text[..<1000]), path: "text")).test.count == 100)
    }

    @Test func aTextThatIsTooShortIsNamedWithItsOwnSize() throws {
        let folder = try DataFolder(["short.txt": Array(Self.text[..<100]), "none.txt": []])
        let path = folder.path.appending("short.txt")
        let corpus = try TextCorpus(contentsOf: path)
        let error = #expect(throws: DataError.self) { try TextDataset(corpus.test, length: 16) }
        #expect(
            error?.description == "\(path) has 100 bytes, of which 10 are in the part that samples are taken from; "
                + "a sample of 16 needs at least 17")
        let whole = #expect(throws: DataError.self) { try TextDataset(Self.text[..<5], length: 16, path: path) }
        #expect(whole?.description == "\(path) has 5 bytes; a sample of 16 needs at least 17")
    }

    private func samples(_ indices: [Int], of dataset: any Dataset) throws -> [[Int32]] {
        try ImageDatasetTests.samples(indices, of: dataset).map { $0.elements(of: Int32.self) }
    }

    @Test func aTextThatBecomesShorterMeanwhileIsAnErrorThatNamesIt() throws {
        let folder = try DataFolder(["text": Self.text])
        let path = folder.path.appending("text")
        let dataset = try TextDataset(TextCorpus(contentsOf: path).train, length: 10)
        let writer = try FileDescriptor.open(path, .writeOnly)
        try writer.closeAfter { try writer.resize(to: 100) }
        let error = #expect(throws: FileError.self) { try samples([100], of: dataset) }
        #expect(error?.description == "cannot read \(path): it ends at byte 100, within bytes 100..<111")
    }

    @Test func ranksOfAMachineShareWhatIsUnpackedOnce() throws {
        let folder = try DataFolder(["text.gz": IDXBytes.gzip(Self.text)])
        let path = folder.path.appending("text.gz")
        let contents = try ThreadWorld.run(ranks: 3) { world in
            let slice = try DataFile.open(path, sharedBy: world, files: LocalFileSystem(), memoryLimit: 4999)
            return (slice.residentByteCount, slice.file.path, try slice.contents())
        }
        for (resident, name, bytes) in contents {
            #expect(resident == 0 && name == path && bytes == Self.text)
        }
        // What fits into memory is there.
        let small = try DataFile.open(
            path, sharedBy: SoloCommunicator(), files: LocalFileSystem(), memoryLimit: 5000)
        #expect(small.residentByteCount == 5000)
    }

    /// 64 MB of zeros in 64 kB: a text has no header that says how much there must be.
    @Test func whatExpandsFarBeyondItsSizeIsRefusedBeforeItFillsADisk() throws {
        let few = Array(IDXBytes.manyZeros.prefix(IDXBytes.manyZeros.count / 32))
        let folder = try DataFolder(["bomb.gz": IDXBytes.manyZeros, "zeros.gz": few])
        let path = folder.path.appending("bomb.gz")
        let error = #expect(throws: DataError.self) { try TextCorpus(contentsOf: path) }
        #expect(
            error?.description == "\(path) unpacks to more than 100 times its \(IDXBytes.manyZeros.count) bytes, which "
                + "no data do; if they are yours, unpack it beforehand")
        // What a rank has room for may be anything.
        #expect(try TextCorpus(contentsOf: folder.path.appending("zeros.gz")).train.count == 1_800_000)
    }

    @Test func damageAndWantOfRoomAreSentencesOfAllRanks() throws {
        var damaged = IDXBytes.gzip(Self.text)
        damaged[damaged.count - 6] ^= 1
        let folder = try DataFolder(["text.gz": damaged])
        let path = folder.path.appending("text.gz")
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            _ = try DataFile.open(path, sharedBy: world, files: LocalFileSystem(), memoryLimit: 100)
        }
        for outcome in outcomes {
            let error = #expect(throws: RankFailure.self) { try outcome.get() }
            #expect(
                error?.description.hasPrefix("rank 0: \(path) cannot be decompressed: the gzip data are damaged")
                    == true)
        }
        try LocalFileSystem().replaceContents(of: path, with: IDXBytes.gzip(Self.text))
        let error = #expect(throws: DataError.self) {
            try DataFile.open(
                path, sharedBy: SoloCommunicator(), files: LocalFileSystem(), memoryLimit: 100,
                temporary: "/no/such/folder")
        }
        #expect(
            error?.description == "\(path) cannot be unpacked beyond 0 bytes: cannot create a temporary file in "
                + "/no/such/folder: No such file or directory; let TMPDIR name a directory with more room, or unpack it "
                + "beforehand")
    }

    @Test func manyImagesAreReadAndEnlargedAsTheyAreCopied() throws {
        let pixels = (0..<28 * 28 * 5).map { UInt8(truncatingIfNeeded: $0 * 31 ^ $0 >> 3) }
        let folder = try DataFolder(["images": IDXBytes.plain(pixels, [5, 28, 28])])
        let images = try IDXFile(contentsOf: folder.path.appending("images"))
        let labels = try IDXFile(IDXBytes.plain([1, 2, 3, 4, 5], [5]), path: "labels")
        let kept = try ImageDataset(images: images, labels: labels, residentLimit: 5)
        let stored = try ImageDataset(images: images, labels: labels, residentLimit: 4)
        #expect(kept.residentByteCount == 5 * 1024 + 5 && stored.residentByteCount == 5)
        let indices = [4, 0, 2, 2]
        let (found, expected) = (
            try ImageDatasetTests.samples(indices, of: stored), try ImageDatasetTests.samples(indices, of: kept)
        )
        #expect(found[0].elements(of: Float.self) == expected[0].elements(of: Float.self))
        #expect(found[1].elements(of: Int32.self) == [5, 1, 3, 3])
    }
}
