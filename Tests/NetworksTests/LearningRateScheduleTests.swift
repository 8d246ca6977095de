import Foundation
import MindSporeTestKit
import Networks
import Testing

struct LearningRateScheduleTests {
    private func rates(_ schedule: LearningRate, _ steps: Int) -> [Float] { (1...steps).map { schedule($0) } }

    /// Whether all rates are alike but for some rounding.
    private func isNear(_ found: [Float], _ expected: [Float], within tolerance: Float = 2e-6) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(abs($1), 1e-6) }
    }

    @Test func ratesAreThoseOfPyTorch() {
        // Of PyTorch 2.13's schedulers with a learning rate of 0.1, step by step.
        #expect(
            isNear(
                rates(.oneCycle(0.1, over: 10), 10),
                [
                    0.004, 0.052, 0.1, 0.0950484632, 0.0811745654, 0.0611262022, 0.0388741978, 0.0188258346,
                    0.0049519368, 4e-07,
                ]))
        #expect(
            isNear(
                rates(.oneCycle(0.4, over: 8, share: 0.5, start: 10, final: 100), 8),
                [0.04, 0.13, 0.31, 0.4, 0.341479935, 0.2002, 0.0589200651, 0.0004]))
        #expect(
            isNear(
                rates(.cosineWithRestarts(0.1, to: 0.01, every: 3, factor: 2), 10),
                [0.1, 0.0775, 0.0325, 0.1, 0.0939711432, 0.0775, 0.055, 0.0325, 0.0160288568, 0.1]))
        #expect(
            isNear(
                rates(.cosineWithRestarts(0.1, every: 4), 9),
                [0.1, 0.0853553391, 0.05, 0.0146446609, 0.1, 0.0853553391, 0.05, 0.0146446609, 0.1]))
        #expect(isNear(rates(.step(0.1, by: 0.5, every: 3), 8), [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025]))
        #expect(isNear(rates(.multiStep(0.1, at: [2, 5]), 8), [0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001, 0.001]))
    }

    @Test(.enabled(if: hasMindSpore)) func ratesAreThoseOfMindSpore() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-rates-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: path) }
        #expect(try MindSporeScript("schedules.py").run([path.path(percentEncoded: false)]) == nil)
        let expected = try JSONDecoder().decode([String: [Float]].self, from: Data(contentsOf: path))
        // The lists are computed in double precision, and so are these: the same to the bit.
        let lists: [String: LearningRate] = [
            "exponential_decay_lr": .exponentialDecay(0.1, by: 0.9, over: 2),
            "exponential_decay_lr stair": .exponentialDecay(0.1, by: 0.9, over: 2, isStair: true),
            "natural_exp_decay_lr": .naturalExponentialDecay(0.1, by: 0.3, over: 2),
            "natural_exp_decay_lr stair": .naturalExponentialDecay(0.1, by: 0.3, over: 2, isStair: true),
            "inverse_decay_lr": .inverseDecay(0.1, by: 0.5, over: 2),
            "inverse_decay_lr stair": .inverseDecay(0.1, by: 0.5, over: 2, isStair: true),
            "cosine_decay_lr": .cosineDecay(0.1, to: 0.01, over: 4),
            "polynomial_decay_lr": .polynomialDecay(0.1, to: 0.01, over: 3, power: 0.5),
        ]
        for (name, schedule) in lists {
            #expect(rates(.perEpoch(of: 4, schedule), 24) == expected[name], "\(name)")
        }
        #expect(
            rates(.piecewiseConstant(milestones: [2, 5, 10], rates: [0.1, 0.05, 0.01]), 10)
                == expected["piecewise_constant_lr"])
        // The classes are computed in single precision.
        let classes: [String: LearningRate] = [
            "ExponentialDecayLR": .exponentialDecay(0.1, by: 0.9, over: 4),
            "ExponentialDecayLR stair": .exponentialDecay(0.1, by: 0.9, over: 4, isStair: true),
            "NaturalExpDecayLR": .naturalExponentialDecay(0.1, by: 0.1, over: 4),
            "NaturalExpDecayLR stair": .naturalExponentialDecay(0.1, by: 0.1, over: 4, isStair: true),
            "InverseDecayLR": .inverseDecay(0.1, by: 0.9, over: 4),
            "CosineDecayLR": .cosineDecay(0.1, to: 0.01, over: 10),
            "PolynomialDecayLR": .polynomialDecay(0.1, to: 0.01, over: 10, power: 2),
            "PolynomialDecayLR cycles": .polynomialDecay(0.1, to: 0.01, over: 7, power: 0.5, cycles: true),
        ]
        for (name, schedule) in classes {
            #expect(isNear(rates(schedule, 24), expected[name] ?? [], within: 1e-5), "\(name)")
        }
        #expect(expected.count == lists.count + classes.count + 1)
    }

    @Test func aWarmUpStandsBeforeAnySchedule() {
        let schedule = LearningRate.warmUp(over: 4, then: .step(0.8, by: 0.5, every: 2))
        #expect(rates(schedule, 8) == [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4].map { Float($0) })
    }

    /// A run that carries on must have the same schedule, but may have another length.
    @Test func settingsTellSchedulesApart() {
        let settings = LearningRate.polynomialDecay(0.1, to: 0.01, over: 10, power: 2).settings
        #expect(
            settings == ["learning-rate": "polynomial decay from 0.1 to 0.01 by power 2.0", "schedule-steps": "10"])
        let all: [LearningRate] = [
            .exponentialDecay(0.1, by: 0.9, over: 4), .exponentialDecay(0.1, by: 0.9, over: 4, isStair: true),
            .naturalExponentialDecay(0.1, by: 0.9, over: 4), .inverseDecay(0.1, by: 0.9, over: 4),
            .cosineDecay(0.1, over: 4), .step(0.1, by: 0.9, every: 4), .multiStep(0.1, by: 0.9, at: [4]),
            .cosineWithRestarts(0.1, every: 4), .oneCycle(0.1, over: 4), .constant(0.1),
            .piecewiseConstant(milestones: [4], rates: [0.1]),
            .perEpoch(of: 2, .exponentialDecay(0.1, by: 0.9, over: 4)),
        ]
        #expect(Set(all.map(\.settings)).count == all.count)
        #expect(all.filter(\.isConstant).count == 1 && !all.contains(where: \.isFunction))
    }

    @Test func whatIsNoScheduleEndsTheProgram() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = LearningRate.multiStep(0.1, at: [5, 2])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            text.contains("a rate of 0.1 by 0.1 after [5, 2] steps, which must rise, is no schedule of a learning rate")
        )
    }

    /// Of each schedule, a number that is infinite.
    private static let infinite: [@Sendable () -> LearningRate] = [
        { .constant(.infinity) }, { .cosine(from: .infinity, over: 4) }, { .step(.infinity, every: 4) },
        { .step(0.1, by: .infinity, every: 4) }, { .multiStep(.infinity, at: [4]) },
        { .exponentialDecay(.infinity, by: 0.9, over: 4) }, { .exponentialDecay(0.1, by: .infinity, over: 4) },
        { .naturalExponentialDecay(.infinity, by: 0.9, over: 4) }, { .inverseDecay(.infinity, by: 0.9, over: 4) },
        { .polynomialDecay(.infinity, to: 0, over: 4) }, { .polynomialDecay(0.1, to: .infinity, over: 4) },
        { .cosineDecay(.infinity, over: 4) }, { .cosineWithRestarts(.infinity, every: 4) },
        { .cosineWithRestarts(0.1, to: .infinity, every: 4) }, { .oneCycle(.infinity, over: 4) },
        { .oneCycle(0.1, over: 4, final: .infinity) }, { .piecewiseConstant(milestones: [4], rates: [.infinity]) },
    ]

    @Test(arguments: infinite.indices) func infiniteNumbersEndTheProgram(index: Int) async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            [number = index as Int] in
            _ = Self.infinite[number]()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("finite number") && text.contains(", not inf"), "\(text)")
    }
}
