import Testing

@testable import Goodput

/// What a launch has done at a moment, by division, is what it has done by going through it.
struct SaveRhythmTests {
    /// What a launch does, second by second.
    private struct Walk {
        var saves: [(end: Double, published: Double?)] = []

        init(interval: Double, _ costs: SaveCosts, until end: Double) {
            var time = 0.0
            var writingUntil = 0.0
            var number = 0
            while time < end {
                time += interval
                number += 1
                let goesToShared = number % costs.flushEvery == 0
                if goesToShared { time = max(time, writingUntil) }
                time += costs.stallSeconds + (goesToShared ? costs.flushStallSeconds : 0)
                if goesToShared { writingUntil = time + costs.lagSeconds }
                saves.append((time, goesToShared ? writingUntil : nil))
            }
        }

        func progress(at time: Double, interval: Double) -> (work: Double, shared: Double, local: Double) {
            let over = saves.prefix { $0.end <= time }
            let since = time - (over.last?.end ?? 0)
            let shared = saves.lastIndex { ($0.published ?? .infinity) <= time }.map { Double($0 + 1) * interval } ?? 0
            return (Double(over.count) * interval + min(since, interval), shared, Double(over.count) * interval)
        }
    }

    @Test(arguments: [
        SaveCosts(stallSeconds: 7, restartSeconds: 0),
        SaveCosts(stallSeconds: 2, lagSeconds: 11, restartSeconds: 0),
        SaveCosts(stallSeconds: 2, lagSeconds: 45, restartSeconds: 0),
        SaveCosts(stallSeconds: 2, lagSeconds: 45, restartSeconds: 0, flushEvery: 3),
        SaveCosts(stallSeconds: 2, lagSeconds: 200, restartSeconds: 0, flushEvery: 3),
        SaveCosts(stallSeconds: 2, flushStallSeconds: 9, restartSeconds: 0, flushEvery: 5),
    ])
    func itIsWhatAWalkThroughTheLaunchGives(costs: SaveCosts) {
        let rhythm = SaveRhythm(interval: 20, step: 4, costs: costs, hasLocalCopies: costs.flushEvery > 1)
        let walk = Walk(interval: 20, costs, until: 1500)
        for tick in 0..<2800 {
            let time = Double(tick) * 0.5 + 0.25
            let (work, shared, local) = walk.progress(at: time, interval: 20)
            let found = rhythm.progress(at: time)
            #expect(abs(found.work - work) < 1e-9, "\(time)")
            #expect(found.keptOnShared == shared, "\(time)")
            #expect(found.keptLocally == (costs.flushEvery > 1 ? max(local, shared) : shared), "\(time)")
            #expect(found.restOfStep >= 0 && found.restOfStep <= 4 && found.restOfWriting >= 0)
        }
    }

    @Test func anIntervalIsWholeSteps() {
        let costs = SaveCosts(stallSeconds: 1, restartSeconds: 0)
        #expect(SaveRhythm(interval: 10, step: 4, costs: costs).interval == 12)
        #expect(SaveRhythm(interval: 1, step: 4, costs: costs).interval == 4)
    }
}
