import Datasets
import EmbeddedData
import SystemPackage
import Tensors
import Testing

struct DigitsTests {
    static let resources = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Sources/EmbeddedData/Resources")

    private func histogram(_ dataset: ImageDataset) throws -> [Int] {
        let samples = try ImageDatasetTests.samples(Array(0..<dataset.count), of: dataset)
        return samples[1].elements(of: Int32.self).reduce(into: Array(repeating: 0, count: 10)) { $0[Int($1)] += 1 }
    }

    @Test func countsAndLabelsAreThoseOfTheFiles() throws {
        #expect(Digits.train.count == 1437)
        #expect(Digits.test.count == 360)
        #expect(try histogram(Digits.train) == [136, 154, 151, 135, 143, 143, 151, 153, 138, 133])
        #expect(try histogram(Digits.test) == [42, 28, 26, 48, 38, 39, 30, 26, 36, 47])
    }

    @Test func valuesFillTheNormalisedRange() throws {
        let images = try ImageDatasetTests.samples(Array(0..<360), of: Digits.test)[0].elements(of: Float.self)
        #expect(images.min() == ImageDataset.normalized(0))
        #expect(images.max() == ImageDataset.normalized(255))
    }

    @Test(arguments: [true, false])
    func embeddedTextIsThatOfTheFilesItIsMadeFrom(train: Bool) throws {
        let files = try MNIST.load(directory: Self.resources, train: train)
        let embedded = train ? Digits.train : Digits.test
        #expect(files.count == embedded.count)
        // Sample by sample: of two long arrays that differ, #expect would work out the difference for hours.
        for index in 0..<min(files.count, embedded.count) {
            let expected = try ImageDatasetTests.samples([index], of: files)
            let found = try ImageDatasetTests.samples([index], of: embedded)
            try #require(found[0].elements(of: Float.self) == expected[0].elements(of: Float.self))
            try #require(found[1].elements(of: Int32.self) == expected[1].elements(of: Int32.self))
        }
    }

    @Test func base64IsDecodedWithAndWithoutPadding() {
        // The vectors of RFC 4648, section 10.
        let vectors = ["": "", "Zg==": "f", "Zm8=": "fo", "Zm9v": "foo", "Zm9vYmFy": "foobar"]
        for (text, bytes) in vectors { #expect(Base64.decode(text) == Array(bytes.utf8)) }
        #expect(Base64.decode("+/+/") == [0xFB, 0xFF, 0xBF])
        for text in ["Z", "Zm9", "Zm9\n", "Z===", "Zg==Zg==", "Zm-_"] { #expect(Base64.decode(text) == nil) }
    }
}
