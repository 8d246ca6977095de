import Testing

@testable import Goodput

/// The simulation, against what the formulas say where they hold, and against itself where they do not.
struct RunSimulationTests {
    private func account(
        _ costs: SaveCosts, interval: Double, step: Double = 0.01,
        model: FailureModel = RunSimulationTests.hosts(mtbf: 3600),
        copies: SaveStrategy.LocalCopies? = nil, notice: Double = 0, hours: Double, seed: UInt64 = 1
    ) -> TimeAccount {
        let rhythm = SaveRhythm(interval: interval, step: step, costs: costs, hasLocalCopies: copies != nil)
        var simulation = RunSimulation(rhythm: rhythm, costs: costs, copies: copies)
        simulation.run(RandomSpells(model, hosts: 1, notice: notice, seed: seed), for: hours * 3600)
        return simulation.account
    }

    private static func hosts(mtbf: Double, processes: Double = 0, noticed: Double = 0) -> FailureModel {
        var model = FailureModel()
        model.hostMTBF = mtbf
        model.processShare = processes
        model.noticedShare = noticed
        return model
    }

    /// The five systems go from saves that cost nothing beside the failures to ones that cost a third of them.
    @Test(arguments: [
        (5.0, 60.0, 86400.0), (60.0, 300.0, 86400.0), (300.0, 600.0, 21600.0), (60.0, 60.0, 3600.0),
        (300.0, 600.0, 900.0),
    ])
    func goodputIsThatOfDalysFormula(save: Double, restart: Double, mtbf: Double) {
        let costs = SaveCosts(stallSeconds: save, restartSeconds: restart)
        let daly = SaveInterval.daly(save: save, mtbf: mtbf)
        // Where few intervals come to their end, many failures are needed for a figure.
        let failures = save * 5 < mtbf ? 20_000.0 : 200_000
        for interval in [daly / 3, daly, 2 * daly] {
            let account = account(
                costs, interval: interval, model: Self.hosts(mtbf: mtbf), hours: failures * mtbf / 3600)
            let expected = SaveInterval.expectedGoodput(interval: interval, save: save, restart: restart, mtbf: mtbf)
            #expect(Double(account.interruptions) > 0.98 * failures)
            #expect(
                abs(account.goodput / expected - 1) < 0.02,
                "\(account.goodput) instead of \(expected), with \(interval) s")
        }
    }

    @Test func whatIsLostIsHalfAnIntervalAFailureAsYoungTakesIt() {
        let costs = SaveCosts(stallSeconds: 2, restartSeconds: 0)
        let mtbf = 100_000.0
        let interval = SaveInterval.young(save: 2, mtbf: mtbf)
        let account = account(costs, interval: interval, model: Self.hosts(mtbf: mtbf), hours: 40_000 * mtbf / 3600)
        let lostAtOnce = (account.lost + account.saving - account.useful / interval * 2) / Double(account.interruptions)
        #expect(abs(lostAtOnce / (interval / 2) - 1) < 0.02, "\(lostAtOnce) instead of \(interval / 2)")
        let young = interval / (interval + 2) - interval / 2 / mtbf
        #expect(abs(account.goodput / young - 1) < 0.02)
    }

    @Test func allTimeIsAccountedFor() {
        let copies = SaveStrategy.LocalCopies(flushEvery: 4)
        var model = Self.hosts(mtbf: 1800, processes: 0.4, noticed: 0.3)
        model.replacementSeconds = 200
        let costs = SaveCosts(
            stallSeconds: 3, lagSeconds: 70, exitSaveSeconds: 40, restartSeconds: 120, flushEvery: 4)
        let account = account(
            costs, interval: 30, step: 0.7, model: model, copies: copies, notice: 60, hours: 2000)
        #expect(abs(account.total - 2000 * 3600) < 1)
        for part in [account.useful, account.lost, account.saving, account.restarting, account.waiting] {
            #expect(part > 0)
        }
        #expect(account.savedStops > 0 && account.savedStops < account.interruptions)
    }

    @Test func theSameSeedGivesTheSameRun() {
        let costs = SaveCosts(stallSeconds: 5, restartSeconds: 60)
        let one = account(costs, interval: 300, hours: 500, seed: 3)
        #expect(one == account(costs, interval: 300, hours: 500, seed: 3))
        #expect(one != account(costs, interval: 300, hours: 500, seed: 4))
    }

    @Test func asynchronousSavesLoseMoreAndWaitLess() {
        let sync = account(SaveCosts(stallSeconds: 60, restartSeconds: 60), interval: 600, hours: 20_000)
        let async = account(
            SaveCosts(stallSeconds: 2, lagSeconds: 60, exitSaveSeconds: 60, restartSeconds: 60), interval: 600,
            hours: 20_000)
        #expect(async.saving < sync.saving && async.goodput > sync.goodput)
        #expect(async.lost / Double(async.interruptions) > sync.lost / Double(sync.interruptions))
    }

    @Test func aNoticeThatSufficesLosesNothing() {
        let costs = SaveCosts(stallSeconds: 20, restartSeconds: 60)
        let model = Self.hosts(mtbf: 3600, noticed: 1)
        let warned = account(costs, interval: 600, step: 5, model: model, notice: 30, hours: 5000)
        // But for launches that were noticed before they had time to stop.
        #expect(warned.lost / Double(warned.interruptions) < 1)
        #expect(Double(warned.savedStops) > 0.95 * Double(warned.interruptions))
        let late = account(costs, interval: 600, step: 5, model: model, notice: 15, hours: 5000)
        #expect(late.lost > 0 && late.savedStops == 0)
    }

    @Test func localCopiesSurviveWhatTheyCan() {
        let costs = SaveCosts(stallSeconds: 1, lagSeconds: 60, exitSaveSeconds: 60, restartSeconds: 60, flushEvery: 20)
        func lost(processes: Double, hosts count: Int = 1, partner: Bool) -> Double {
            var model = Self.hosts(mtbf: 3600, processes: processes)
            model.hostsPerFailure = count
            let copies = SaveStrategy.LocalCopies(flushEvery: 20, hasPartner: partner)
            return account(costs, interval: 60, model: model, copies: copies, hours: 5000).lost / 5000
        }
        // Half an interval a failure.
        #expect(abs(lost(processes: 1, partner: false) - 30) < 3)
        #expect(abs(lost(processes: 0, partner: true) - 30) < 3)
        // Half a block of twenty, and what the writing takes.
        let block = lost(processes: 0, partner: false)
        #expect(block > 500 && block < 800, "\(block)")
        let rack = lost(processes: 0, hosts: 2, partner: true)
        #expect(rack > 500 && rack < 800, "\(rack)")
    }
}
