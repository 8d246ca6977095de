import Collectives
import CollectivesTestKit
import Datasets
import Tensors
import Testing

struct SamplingTests {
    private func numbers(_ count: Int) -> TensorDataset {
        TensorDataset([
            ("x", Tensor((0..<Int32(count)).map { $0 }, shape: [count, 1])),
            ("y", Tensor((0..<Int32(count)).map { $0 % 2 }, shape: [count])),
        ])
    }

    @Test func samplesComeByTheirWeights() throws {
        let sampler = WeightedRandomSampler(weights: [0, 1, 3, 0, 4], count: 8000)
        let loader = try DataLoader(numbers(5), batchSize: 10, sampler: sampler)
        #expect(loader.stepsPerEpoch == 800 && loader.samplesPerEpoch == 8000)
        let order = Array(loader.order(ofEpoch: 1, seed: 3))
        let counts = (0..<5).map { sample in order.count { $0 == sample } }
        #expect(counts[0] == 0 && counts[3] == 0)
        #expect(abs(counts[1] - 1000) < 120 && abs(counts[2] - 3000) < 180 && abs(counts[4] - 4000) < 180)
        #expect(Array(loader.order(ofEpoch: 1, seed: 3)) == order)
        #expect(Array(loader.order(ofEpoch: 2, seed: 3)) != order && Array(loader.order(ofEpoch: 1, seed: 4)) != order)
        // A place can be asked for by itself.
        #expect(loader.order(ofEpoch: 1, seed: 3)[7999] == order[7999])
    }

    @Test func classesAreBalanced() throws {
        let labels = (0..<100).map { Int32($0 < 90 ? 0 : 1) }
        let loader = try DataLoader(
            numbers(100), batchSize: 1, sampler: .balanced(classes: labels, count: 4000))
        let rare = loader.order(ofEpoch: 1, seed: 1).count { $0 >= 90 }
        #expect(abs(rare - 2000) < 150)
    }

    @Test func aSamplerForOtherSamplesIsRefused() {
        let sampler = WeightedRandomSampler(weights: [1, 1])
        #expect(
            throws: DataError.mismatch("the sampler has 2 weights and the dataset 3 samples; each needs one")
        ) { try DataLoader(numbers(3), batchSize: 1, sampler: sampler) }
        #expect(throws: DataError.self) {
            try DataLoader(numbers(2), batchSize: 1, shuffle: true, sampler: sampler)
        }
        #expect(throws: DataError.mismatch("65 threads cannot load samples; 0 to 64 can")) {
            try DataLoader(numbers(2), batchSize: 1, workers: 65)
        }
    }

    /// A run carries on with the same batches, so what makes them is on record.
    @Test func bucketsAreToldApartByTheirLengths() {
        let first = LengthBuckets(columns: ["x"], lengths: [1, 2, 3], bounds: [2, 3])
        #expect(first.description != LengthBuckets(columns: ["x"], lengths: [1, 3, 2], bounds: [2, 3]).description)
        #expect(first.description == LengthBuckets(columns: ["x"], lengths: [1, 2, 3], bounds: [2, 3]).description)
        #expect(first.description.hasPrefix("x cut to [2, 3] by lengths "))
    }

    /// One rank's file may be broken: the others hear of it instead of waiting.
    @Test func lengthsAndMeansThatOneRankCannotReadAreMissedByAll() throws {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let data = Unreadable(isBroken: world.rank == 1)
            #expect(throws: RankFailure(rank: 1, reason: "the disk is gone")) {
                try LengthBuckets(columns: ["x"], lengthsIn: "length", of: data, bounds: [1], sharedBy: world)
            }
            #expect(throws: RankFailure(rank: 1, reason: "the disk is gone")) {
                try Normalize(of: data, column: "x", sharedBy: world)
            }
        }
        for outcome in outcomes { try outcome.get() }
    }

    /// Lengths 1 to 9 in three buckets: a batch has samples of one bucket, but for those that are left.
    @Test func samplesOfLikeLengthsComeTogether() throws {
        let lengths = (0..<103).map { Int32($0 % 9 + 1) }
        let buckets = LengthBuckets(columns: ["x"], lengths: lengths, bounds: [3, 6])
        let loader = try DataLoader(
            numbers(103), batchSize: 4, shuffle: true, dropsRemainder: false, buckets: buckets)
        let order = Array(loader.order(ofEpoch: 2, seed: 7))
        #expect(order.sorted() == Array(0..<103))
        #expect(Array(loader.order(ofEpoch: 2, seed: 7)) == order && Array(loader.order(ofEpoch: 3, seed: 7)) != order)
        let bucket = { (sample: Int) in lengths[sample] <= 3 ? 0 : lengths[sample] <= 6 ? 1 : 2 }
        let mixed = stride(from: 0, to: 103, by: 4).count { start in
            Set(order[start..<min(start + 4, 103)].map(bucket)).count > 1
        }
        #expect(mixed <= 3)
        // Batches of a bucket are not all in a row.
        let kinds = stride(from: 0, to: 100, by: 4).map { bucket(order[$0]) }
        #expect(kinds != kinds.sorted())
    }
}

/// Samples that lie on a disk which may be gone.
private struct Unreadable: Dataset {
    let isBroken: Bool
    let count = 2
    let columns = [
        DataColumn("x", shape: [3], elementType: .float32), DataColumn("length", shape: .scalar, elementType: .int32),
    ]

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        if isBroken { throw DataError.mismatch("the disk is gone") }
    }
}
