import Goodput
import Testing

/// The formulas, against the figures of the papers.
struct SaveIntervalTests {
    @Test func youngIsTheRootOfTwiceSaveAndFailures() {
        #expect(SaveInterval.young(save: 300, mtbf: 86400) == 7200)
        #expect(SaveInterval.young(save: 2, mtbf: 1) == 2)
    }

    /// Figures 3, 4 and 5 of Daly's paper: saves of five minutes, and failures every 24 h, 6 h and 15 min.
    @Test(arguments: [(1440.0, 117.0), (360.0, 57.0), (15.0, 9.1)])
    func dalysOwnFiguresComeOut(mtbf: Double, best: Double) {
        let interval = SaveInterval.daly(save: 5 * 60, mtbf: mtbf * 60) / 60
        #expect(abs(interval - best) <= 0.006 * best, "\(interval) minutes instead of \(best)")
    }

    @Test func whereASaveTakesVeryLongDalySavesOnceAFailure() {
        #expect(SaveInterval.daly(save: 200, mtbf: 100) == 100)
        #expect(SaveInterval.daly(save: 1000, mtbf: 100) == 100)
    }

    @Test func dalysIntervalIsWhereHisTimeIsShortest() {
        for (save, mtbf) in [(10.0, 86400.0), (300, 86400), (300, 21600), (60, 3600)] {
            let best = SaveInterval.daly(save: save, mtbf: mtbf)
            func time(_ interval: Double) -> Double {
                SaveInterval.expectedTime(work: 1e6, interval: interval, save: save, restart: 600, mtbf: mtbf)
            }
            #expect(time(best) <= time(0.95 * best) && time(best) <= time(1.05 * best), "\(save) \(mtbf)")
        }
    }

    @Test func withoutFailuresSavesAloneTakeTime() {
        let goodput = SaveInterval.expectedGoodput(interval: 90, save: 10, restart: 100, mtbf: 1e12)
        #expect(abs(goodput - 0.9) < 1e-6)
        #expect(SaveInterval.expectedGoodput(interval: 1e9, save: 1, restart: 1, mtbf: 1) == 0)
    }
}
