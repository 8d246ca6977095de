import Datasets
import Foundation
import MindSporeTestKit
import SystemPackage
import Tensors
import Testing

struct TransformTests {
    /// Pictures 1×3×4 whose pixels count on through all of them, and their numbers as labels.
    private func pictures(_ count: Int) -> TensorDataset {
        TensorDataset([
            ("image", Tensor((0..<count * 12).map { Float($0) }, shape: [count, 1, 3, 4])),
            ("label", Tensor((0..<Int32(count)).map { $0 }, shape: [count])),
        ])
    }

    private func images(_ data: any Dataset, _ indices: [Int], epoch: Int = 1, seed: UInt64 = 5) throws -> [[Float]] {
        let tensor = try data.samples(indices, in: SamplePass(seed: seed, epoch: epoch))[0]
        let values = tensor.elements(of: Float.self)
        let size = values.count / indices.count
        return indices.indices.map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    @Test func aCropIsAPartOfThePictureWithItsPadding() throws {
        let data = try pictures(40).map([RandomCrop(2, padding: 1, fill: -1)], inputColumn: "image")
        #expect(data.columns[0].shape == [1, 2, 2])
        var corners: Set<Float> = []
        for (index, crop) in try images(data, Array(0..<40)).enumerated() {
            // A pixel tells where the window lies: those beside it follow, or are padding.
            let known = crop.firstIndex { $0 >= 0 }
            let place = try #require(known)
            let pixel = Int(crop[place]) - index * 12
            let (top, left) = (pixel / 4 - place / 2, pixel % 4 - place % 2)
            for (offset, value) in crop.enumerated() {
                let (row, column) = (top + offset / 2, left + offset % 2)
                let isInside = 0..<3 ~= row && 0..<4 ~= column
                #expect(value == (isInside ? Float(index * 12 + row * 4 + column) : -1))
            }
            corners.insert(Float(top * 10 + left))
        }
        // 4 × 5 places there are.
        #expect(corners.count > 12)
        #expect(throws: DataError.self) { try pictures(1).map([RandomCrop(6, padding: 1)], inputColumn: "image") }
    }

    /// Of a picture whose pixels rise evenly to the right and downwards, a part does too, as far as it is wide and high.
    @Test func aResizedCropIsAPartOfAnySizeAndShape() throws {
        let pixels = (0..<32 * 48).map { (pixel: Int) -> Float in Float(pixel % 48 + pixel / 48 * 100) }
        let picture = TensorDataset([("image", Tensor(pixels, shape: [1, 1, 32, 48]))])
        let data = try picture.map([RandomResizedCrop(8)], inputColumn: "image")
        #expect(data.columns[0].shape == [1, 8, 8])
        var shares: [Float] = []
        for epoch in 1...200 {
            let image = try images(data, [0], epoch: epoch)[0]
            // Between two pixels away from the edge, where nothing is clamped.
            let (width, height) = (8 * (image[28] - image[27]), 8 * (image[36] - image[28]) / 100)
            #expect(0.7...1.4 ~= width / height, "\(width) × \(height)")
            #expect(image[0] >= 0 && image[63] < 3148)
            shares.append(width * height / Float(pixels.count))
        }
        #expect(shares.allSatisfy { 0.06...1.01 ~= $0 } && shares.contains { $0 < 0.3 } && shares.contains { $0 > 0.7 })
        // None that is so wide fits in: the middle is taken.
        let wide = RandomResizedCrop(height: 1, width: 2, scale: 1...1, ratio: 2...2)
        let middle = try images(try picture.map([wide], inputColumn: "image"), [0])[0]
        #expect(middle == [1561.5, 1585.5])
        #expect("\(wide)" == "RandomResizedCrop(1×2, scale 1.0...1.0, ratio 2.0...2.0)")
    }

    @Test func ratiosThatNoPictureHasEndTheProgram() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = RandomResizedCrop(8, ratio: 1e-4...1)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("error: a crop is from 0.001 to 1000 times as wide as high, not "), "\(text)")
        await #expect(processExitsWith: .exitCode(78)) { _ = RandomResizedCrop(8, ratio: 1...1001) }
        _ = RandomResizedCrop(8, ratio: 1e-3...1e3)
    }

    @Test func aFlipTurnsAboutHalfOfThePictures() throws {
        let data = try pictures(200).map([RandomHorizontalFlip()], inputColumn: "image")
        let flipped = try images(data, Array(0..<200)).enumerated().count { index, image in
            let plain = (0..<12).map { Float(index * 12 + $0) }
            let turned = (0..<12).map { Float(index * 12 + $0 / 4 * 4 + 3 - $0 % 4) }
            #expect(image == plain || image == turned)
            return image == turned
        }
        #expect(70...130 ~= flipped)
    }

    /// A resumed run, and one on another number of ranks, sees the samples that this one would have seen.
    @Test func whatComesIsAFunctionOfSeedEpochAndSample() throws {
        let data = try pictures(30).map([RandomCrop(2), RandomHorizontalFlip()], inputColumn: "image")
        let all = try images(data, Array(0..<30))
        #expect(try images(data, [7, 3, 7]) == [all[7], all[3], all[7]])
        #expect(try images(data, Array(0..<30)) == all)
        #expect(try images(data, Array(0..<30), epoch: 2) != all)
        #expect(try images(data, Array(0..<30), seed: 6) != all)
        // Who wraps twice draws twice.
        let twice = try pictures(64).map([RandomHorizontalFlip()], inputColumn: "image")
            .map([RandomHorizontalFlip()], inputColumn: "image")
        #expect(try images(twice, Array(0..<64)) != images(pictures(64), Array(0..<64)))
    }

    /// The batches of a step, put together from the ranks, are those that one rank reads: also of a loader that draws.
    @Test(arguments: [2, 3, 4], [true, false]) func anyNumberOfRanksSeesTheSameSamples(ranks: Int, draws: Bool) throws {
        let data = try pictures(30).map([RandomCrop(2, padding: 1), RandomHorizontalFlip()], inputColumn: "image")
        let sampler = draws ? WeightedRandomSampler(weights: (0..<30).map { Double($0) }) : nil
        let loader = try DataLoader(data, batchSize: 12, shuffle: !draws, sampler: sampler)
        for step in 1...loader.stepsPerEpoch {
            let alone = try batch(of: loader, step: step, ranks: 1)
            #expect(try batch(of: loader, step: step, ranks: ranks) == alone)
            #expect(alone.count == 12 * 5)
        }
    }

    /// The pixels and labels of a step in epoch 2, rank by rank.
    private func batch(of loader: DataLoader, step: Int, ranks: Int) throws -> [Float] {
        let order = loader.order(ofEpoch: 2, seed: 9)
        let parts = try (0..<ranks).map { rank in
            let samples = Array(order[loader.range(step: step, rank: rank, of: ranks)])
            let tensors = [
                Tensor(zeros: [samples.count, 1, 2, 2]), Tensor(zeros: [samples.count], elementType: .int32),
            ]
            try loader.copySamples(samples[...], ofEpoch: 2, seed: 9, into: tensors)
            return (tensors[0].elements(of: Float.self), tensors[1].elements(of: Int32.self).map { Float($0) })
        }
        return parts.flatMap(\.0) + parts.flatMap(\.1)
    }

    @Test func whatChangesSamplesIsAPartOfTheFingerprint() throws {
        let plain = try pictures(3).fingerprint()
        let data = try pictures(3).map([RandomCrop(2), Rescale(0.5)], inputColumn: "image")
        #expect(
            try data.fingerprint()
                == "\(plain), 'image' through RandomCrop(2×2, padding 0 of 0.0), Rescale(0.5, 0.0)")
    }

    @Test func numbersAreNormalisedAndClassesSpread() throws {
        let data = try pictures(2).map(
            [Rescale(2, shift: 1), Normalize(mean: [3], std: [4])], inputColumn: "image"
        )
        .map([OneHot(4, smoothing: 0.2)], inputColumn: "label")
        let tensors = try data.samples([1])
        let scaled = (12..<24).map { (pixel: Int) -> Float in (Float(pixel) * 2 + 1 - 3) / 4 }
        #expect(tensors[0].elements(of: Float.self) == scaled)
        let label = tensors[1].elements(of: Float.self)
        let spread: [Float] = [0.05, 0.85, 0.05, 0.05]
        #expect(tensors[1].shape == [1, 4])
        #expect(zip(label, spread).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(throws: DataError.self) { try pictures(2).map([OneHot(4)], inputColumn: "image") }
        #expect(throws: DataError.mismatch("the dataset has no column 'x'; its columns are 'image', 'label'")) {
            try pictures(2).map([], inputColumn: "x")
        }
    }

    /// A label comes from a file: that one is none is no mistake of the program.
    @Test func aClassThatIsNoneIsSaidOfItsSample() throws {
        let data = try pictures(6).map([OneHot(4)], inputColumn: "label")
        #expect(try data.samples([3])[1].elements(of: Float.self) == [0, 0, 0, 1])
        #expect(
            throws: DataError.mismatch(
                "sample 5 cannot be used; its 'label': 5 is none of 4 classes, 0 to 3")
        ) { try data.samples([2, 5]) }
    }

    /// NumPy writes arrays of nothing.
    @Test func samplesWithoutNumbersAreRefused() throws {
        for shape: Shape in [[2, 0, 3, 4], [2, 3, 0, 4], [2, 3, 4, 0]] {
            let data = TensorDataset([("image", Tensor(zeros: shape))])
            for transform: any SampleTransform in [
                RandomCrop(1, padding: 2), CenterCrop(2), RandomHorizontalFlip(), Resize(height: 2, width: 2),
            ] {
                #expect(throws: DataError.self) { try data.map([transform], inputColumn: "image") }
            }
            #expect(throws: DataError.self) { try Normalize(of: data, column: "image") }
        }
    }

    /// Every sample has 64 numbers, whichever of them is asked for: never those of the next one.
    @Test func theNumbersOfASampleRepeat() {
        let source = SamplePass(seed: 3, epoch: 2).numbers(for: "crop")
        let (first, second) = (SampleRandom(source, sample: 0), SampleRandom(source, sample: 1))
        #expect(first.uniform(64) == first.uniform(0) && first.uniform(-1) == first.uniform(63))
        #expect(first.uniform(0) != second.uniform(0))
        let wide = 1 << 40
        #expect(first.integer(below: wide, 64) == first.integer(below: wide, 0))
        #expect(first.integer(below: wide, 64) != second.integer(below: wide, 0))
        // The last number is joined with the first, not with the next sample's.
        let scale = Float(1 << 24)
        let low = first.integer(below: 1 << 48, 63) & (1 << 24 - 1)
        #expect(low == Int(first.uniform(0) * scale))
    }

    /// A dataset of another package between two that draw: each of them draws numbers of its own.
    @Test func wrappersOfOthersKeepTransformsApart() throws {
        let once = try pictures(64).map([RandomHorizontalFlip()], inputColumn: "image")
        let wrapped = try Wrapped(base: once).map([RandomHorizontalFlip()], inputColumn: "image")
        // Turned twice by the same numbers, all would be as they were.
        #expect(try images(wrapped, Array(0..<64)) != images(pictures(64), Array(0..<64)))
        #expect(
            try images(wrapped, Array(0..<64))
                == images(once.map([RandomHorizontalFlip()], inputColumn: "image"), Array(0..<64)))
    }

    @Test func mixturesLieBetweenTwoSamples() throws {
        let base = TensorDataset([
            ("image", Tensor((0..<400).map { Float($0) }, shape: [400, 1])),
            ("label", Tensor((0..<400).map { Float($0) }, shape: [400, 1])),
        ])
        let data = try base.mixUp(alpha: 0.4)
        let tensors = try data.samples(Array(0..<400), in: SamplePass(seed: 1, epoch: 1))
        let (images, labels) = (tensors[0].elements(of: Float.self), tensors[1].elements(of: Float.self))
        #expect(images == labels)
        let others = images.indices.count { images[$0] != Float($0) }
        #expect(images.allSatisfy { (0...399).contains($0) })
        #expect(others > 300)
        let again = try data.samples([17, 3], in: SamplePass(seed: 1, epoch: 1))[0].elements(of: Float.self)
        #expect(again == [images[17], images[3]])
        #expect(throws: DataError.self) { try pictures(2).mixUp(alpha: 1) }
    }

    @Test(.enabled(if: hasMindSpore)) func resizedPicturesAreThoseOfMindSpore() throws {
        let folder = try DataFolder()
        #expect(try MindSporeScript("resize.py").run([folder.path.string]) == nil)
        let (source, sizes) = (
            try NumPyArray(contentsOf: folder.path.appending("source.npy")),
            [[7, 9], [20, 30], [13, 22], [5, 40], [1, 1]]
        )
        for size in sizes {
            let expected = try NumPyArray(contentsOf: folder.path.appending("\(size[0])x\(size[1]).npy")).tensor
            let data = try NumPyDataset([("image", source)]).map(
                [Resize(height: size[0], width: size[1])], inputColumn: "image")
            let found = try data.samples([0])[0].elements(of: Float.self)
            let differences = zip(found, expected.elements(of: Float.self)).map { abs($0 - $1) }
            #expect(found.count == expected.elementCount && (differences.max() ?? 1) < 1e-4, "\(size)")
        }
    }
}

/// Samples as another package might hand them on.
private struct Wrapped: Dataset {
    let base: any Dataset

    var count: Int { base.count }
    var columns: [DataColumn] { base.columns }
    var transformDepth: Int { base.transformDepth }

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        try base.copySamples(indices, into: tensors)
    }

    func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        try base.copySamples(indices, in: pass, into: tensors)
    }
}
