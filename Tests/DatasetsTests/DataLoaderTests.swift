import Datasets
import Records
import Tensors
import Testing

struct DataLoaderTests {
    private func loader(
        _ count: Int, batch: Int, shuffle: Bool = true, dropsRemainder: Bool = true
    ) throws -> DataLoader {
        let dataset = TensorDataset([("number", Tensor((0..<count).map(Int32.init), shape: [count]))])
        return try DataLoader(dataset, batchSize: batch, shuffle: shuffle, dropsRemainder: dropsRemainder)
    }

    /// The samples of a batch, as the ranks read them one after the other.
    private func batch(_ loader: DataLoader, epoch: Int, step: Int, ranks: Int = 1) -> [Int] {
        let order = loader.order(ofEpoch: epoch, seed: 7)
        return (0..<ranks).flatMap { order[loader.range(step: step, rank: $0, of: ranks)] }
    }

    @Test(arguments: [(96, 8), (100, 8), (7, 7), (5, 1)])
    func anEpochVisitsEverySampleOnceButTheDroppedRemainder(count: Int, size: Int) throws {
        let loader = try loader(count, batch: size)
        #expect(loader.stepsPerEpoch == count / size)
        for epoch in 1...3 {
            let batches = (1...loader.stepsPerEpoch).map { batch(loader, epoch: epoch, step: $0) }
            #expect(batches.allSatisfy { $0.count == size })
            #expect(batches.flatMap { $0 } == Array(loader.order(ofEpoch: epoch, seed: 7).prefix(count / size * size)))
            #expect(loader.order(ofEpoch: epoch, seed: 7).sorted() == Array(0..<count))
        }
    }

    @Test(arguments: [(96, 8), (100, 8), (5, 8)])
    func withoutDroppingAnEpochVisitsEverySampleOnce(count: Int, size: Int) throws {
        let loader = try loader(count, batch: size, dropsRemainder: false)
        #expect(loader.stepsPerEpoch == (count + size - 1) / size)
        let samples = (1...loader.stepsPerEpoch).flatMap { batch(loader, epoch: 2, step: $0) }
        #expect(samples.sorted() == Array(0..<count))
    }

    @Test(arguments: [true, false]) func aDatasetWithoutSamplesIsRefused(dropsRemainder: Bool) throws {
        #expect(throws: DataError.noSamples) { try loader(0, batch: 8, dropsRemainder: dropsRemainder) }
        // Nor does reading nothing of it trap.
        TensorDataset([("number", Tensor(zeros: [0, 3]))]).copySamples([], into: [Tensor(zeros: [0, 3])])
    }

    @Test func orderDependsOnSeedAndEpochAlone() throws {
        let first = try loader(100, batch: 8)
        let again = try loader(100, batch: 20, dropsRemainder: false)
        _ = first.order(ofEpoch: 3, seed: 7)
        for shuffling in [Shuffling.fisherYates, .feistel] {
            let order = { (loader: DataLoader, epoch: Int, seed: UInt64) in
                Array(loader.order(ofEpoch: epoch, seed: seed, shuffling: shuffling))
            }
            #expect(order(first, 2, 7) == order(again, 2, 7))
            #expect(order(first, 2, 7) != order(first, 1, 7))
            #expect(order(first, 2, 7) != order(first, 2, 8))
            // An epoch of one seed must not be another epoch of the next seed.
            #expect(order(first, 2, 7) != order(first, 1, 8))
        }
    }

    @Test func samplesThatAreNotShuffledComeInTheirOwnOrder() throws {
        let loader = try loader(100, batch: 8, shuffle: false)
        #expect(Array(loader.order(ofEpoch: 5, seed: 7)) == Array(0..<100))
        #expect(batch(loader, epoch: 5, step: 2) == Array(8..<16))
    }

    @Test(arguments: [true, false], [2, 4, 8])
    func theGlobalBatchIsTheSameForAnyNumberOfRanks(dropsRemainder: Bool, ranks: Int) throws {
        let loader = try loader(100, batch: 16, dropsRemainder: dropsRemainder)
        for step in 1...loader.stepsPerEpoch {
            let alone = batch(loader, epoch: 4, step: step)
            #expect(batch(loader, epoch: 4, step: step, ranks: ranks) == alone)
        }
    }

    @Test(arguments: [1, 2, 4, 8, 3])
    func sharesDifferByAtMostOne(ranks: Int) throws {
        let loader = try loader(53, batch: 24, dropsRemainder: false)
        for step in 1...loader.stepsPerEpoch {
            let shares = (0..<ranks).map { loader.range(step: step, rank: $0, of: ranks).count }
            #expect(shares == shares.sorted(by: >))
            #expect(shares[0] - shares[ranks - 1] <= 1)
        }
    }

    @Test func aResumedRunReadsOnWhereItStopped() throws {
        let whole = try loader(100, batch: 8)
        let positions = (1...2).flatMap { epoch in (1...whole.stepsPerEpoch).map { (epoch, $0) } }
        let batches = positions.map { batch(whole, epoch: $0.0, step: $0.1, ranks: 4) }
        for stopped in positions.indices {
            let resumed = try loader(100, batch: 8)
            let following = positions[stopped...].map { batch(resumed, epoch: $0.0, step: $0.1, ranks: 2) }
            #expect(following == Array(batches[stopped...]))
        }
    }

    @Test func batchesThatCannotBeMadeAreRefused() {
        #expect(throws: DataError.badBatchSize(0, count: 10)) { try loader(10, batch: 0) }
        #expect(throws: DataError.badBatchSize(-1, count: 10)) { try loader(10, batch: -1) }
        #expect(throws: DataError.badBatchSize(11, count: 10)) { try loader(10, batch: 11) }
        #expect(
            DataError.badBatchSize(11, count: 10).description
                == "a batch of 11 cannot be made of 10 samples; a batch has 1 to 10")
    }

    @Test func samplesOfTensorsAreCopiedRowByRow() throws {
        let dataset = TensorDataset([
            ("pair", Tensor([Float]([1, 2, 3, 4, 5, 6]), shape: [3, 2])),
            ("number", Tensor([Int32]([7, 8, 9]), shape: [3])),
        ])
        let samples = try ImageDatasetTests.samples([2, 0], of: dataset)
        #expect(samples[0].elements(of: Float.self) == [5, 6, 1, 2])
        #expect(samples[1].elements(of: Int32.self) == [9, 7])
    }
}
