import Glibc
import Memory

// Schedules under MindSpore's names, and PyTorch's where it has none. Steps count from 1, so that MindSpore's `global_step` is
// the step less 1. All are computed in double precision from the decimal numbers that their user wrote.

extension LearningRate {
    /// `rate` · `factor`^(s / `steps`), where s is the number of steps made; with `isStair` s / `steps` is cut to a whole
    /// number (MindSpore's `nn.ExponentialDecayLR`).
    public static func exponentialDecay(
        _ rate: Float, by factor: Float, over steps: Int, isStair: Bool = false
    ) -> LearningRate {
        check(rate > 0 && factor > 0 && steps > 0, "an exponential decay of \(rate) by \(factor) over \(steps) steps")
        let (rate, factor) = (written(rate), written(factor))
        return named("exponential decay of \(rate) by \(factor) over \(steps)\(stair(isStair))") { step in
            rate * pow(factor, share(step - 1, of: steps, isStair))
        }
    }

    /// `rate` · e^(−`factor` · s); with `isStair` s is cut to a multiple of `steps` (MindSpore's `nn.NaturalExpDecayLR`).
    public static func naturalExponentialDecay(
        _ rate: Float, by factor: Float, over steps: Int, isStair: Bool = false
    ) -> LearningRate {
        check(
            rate > 0 && factor > 0 && steps > 0,
            "a natural exponential decay of \(rate) by \(factor) over \(steps) steps")
        let (rate, factor) = (written(rate), written(factor))
        return named("natural exponential decay of \(rate) by \(factor) over \(steps)\(stair(isStair))") { step in
            rate * pow(M_E, -factor * Double(isStair ? (step - 1) / steps * steps : step - 1))
        }
    }

    /// `rate` / (1 + `factor` · s / `steps`); with `isStair` s / `steps` is cut to a whole number (MindSpore's
    /// `nn.InverseDecayLR`).
    public static func inverseDecay(
        _ rate: Float, by factor: Float, over steps: Int, isStair: Bool = false
    ) -> LearningRate {
        check(rate > 0 && factor > 0 && steps > 0, "an inverse decay of \(rate) by \(factor) over \(steps) steps")
        let (rate, factor) = (written(rate), written(factor))
        return named("inverse decay of \(rate) by \(factor) over \(steps)\(stair(isStair))") { step in
            rate / (1 + factor * share(step - 1, of: steps, isStair))
        }
    }

    /// (`rate` − `end`) · (1 − s / `steps`)^`power` + `end`, and `end` after `steps` steps; with `cycles` it begins anew instead,
    /// each time to last one more `steps` (MindSpore's `nn.PolynomialDecayLR`, `update_decay_steps`).
    public static func polynomialDecay(
        _ rate: Float, to end: Float, over steps: Int, power: Float = 1, cycles: Bool = false
    ) -> LearningRate {
        check(
            rate > 0 && end >= 0 && power > 0 && steps > 0,
            "a polynomial decay from \(rate) to \(end) of power \(power) over \(steps) steps")
        let (rate, end, power) = (written(rate), written(end), written(power))
        let text = "polynomial decay from \(rate) to \(end) by power \(power)\(cycles ? ", in cycles" : "")"
        return named(text, steps: steps) { step in
            let made = step - 1
            let length = cycles ? steps * max((made + steps - 1) / steps, 1) : steps
            return (rate - end) * pow(1 - Double(min(made, length)) / Double(length), power) + end
        }
    }

    /// Half a cosine from `rate` to `end` after `steps` steps (MindSpore's `nn.CosineDecayLR`, `nn.cosine_decay_lr`).
    public static func cosineDecay(_ rate: Float, to end: Float = 0, over steps: Int) -> LearningRate {
        check(rate > end && end >= 0 && steps > 0, "a cosine that falls from \(rate) to \(end) over \(steps) steps")
        let (rate, end) = (written(rate), written(end))
        return named("cosine decay from \(rate) to \(end)", steps: steps) { step in
            end + 0.5 * (rate - end) * (1 + cos(Double.pi * Double(min(step - 1, steps)) / Double(steps)))
        }
    }

    /// `rate`, multiplied by `factor` after every `steps` steps (PyTorch's and MindSpore's `StepLR`).
    public static func step(_ rate: Float, by factor: Float = 0.1, every steps: Int) -> LearningRate {
        check(rate >= 0 && factor > 0 && steps > 0, "a rate of \(rate) by \(factor) after every \(steps) steps")
        let (rate, factor) = (written(rate), written(factor))
        return named("\(rate) by \(factor) after every \(steps)") { step in
            rate * pow(factor, Double((step - 1) / steps))
        }
    }

    /// `rate`, multiplied by `factor` once each of these numbers of steps is made (PyTorch's and MindSpore's `MultiStepLR`).
    public static func multiStep(_ rate: Float, by factor: Float = 0.1, at milestones: [Int]) -> LearningRate {
        check(
            rate >= 0 && factor > 0 && isRising(milestones),
            "a rate of \(rate) by \(factor) after \(milestones) steps, which must rise,")
        let (rate, factor) = (written(rate), written(factor))
        return named("\(rate) by \(factor) after \(milestones)") { step in
            rate * pow(factor, Double(milestones.count { $0 < step }))
        }
    }

    /// Up to and with each of these steps the rate beside it; after the last, the last (MindSpore's `nn.piecewise_constant_lr`).
    public static func piecewiseConstant(milestones: [Int], rates: [Float]) -> LearningRate {
        check(
            isRising(milestones) && milestones.count == rates.count && !rates.isEmpty && rates.allSatisfy { $0 >= 0 },
            "rates \(rates) up to steps \(milestones), which must rise and be as many,")
        let numbers = rates.map(written)
        return named("\(rates) up to \(milestones)") { step in
            numbers[milestones.firstIndex { step <= $0 } ?? numbers.count - 1]
        }
    }

    /// Half a cosine from `rate` to `end` over `steps` steps, again and again, each time `factor` times as long (Loshchilov and
    /// Hutter, 2017; PyTorch's and MindSpore's `CosineAnnealingWarmRestarts`).
    public static func cosineWithRestarts(
        _ rate: Float, to end: Float = 0, every steps: Int, factor: Int = 1
    ) -> LearningRate {
        check(
            rate >= 0 && end >= 0 && steps > 0 && factor > 0,
            "cosines from \(rate) to \(end) of \(steps) steps, each \(factor) times as long as the one before,")
        let (rate, end) = (written(rate), written(end))
        return named("cosines from \(rate) to \(end), the first of \(steps), each \(factor) times as long") { step in
            var (made, length) = (step - 1, steps)
            if factor == 1 { made %= length }
            while made >= length {
                made -= length
                length *= factor
            }
            return end + (rate - end) * (1 + cos(Double.pi * Double(made) / Double(length))) / 2
        }
    }

    /// From `peak` / `start` up to `peak` in the first `share` of `steps` steps, and down to `peak` / (`start` · `final`) at the
    /// last, along cosines (Smith and Topin, 2018; PyTorch's `OneCycleLR`).
    public static func oneCycle(
        _ peak: Float, over steps: Int, share: Float = 0.3, start: Float = 25, final: Float = 10_000
    ) -> LearningRate {
        check(
            peak >= 0 && steps > 1 && share > 0 && share < 1 && start > 0 && final > 0,
            "a cycle to \(peak) of \(steps) steps, of which \(share) rise from 1/\(start) and the others fall to 1/\(final),"
        )
        let (peak, share, start, final) = (written(peak), written(share), written(start), written(final))
        let text = "one cycle to \(peak) from 1/\(start) in \(share), and to 1/\(final)"
        let (top, last) = (share * Double(steps) - 1, Double(steps - 1))
        return named(text, steps: steps) { step in
            let made = min(Double(step - 1), last)
            let first = peak / start
            if made <= top { return between(first, peak, top > 0 ? made / top : 1) }
            return between(peak, first / final, (made - top) / (last - top))
        }
    }

    /// A schedule over epochs instead of steps: all steps of an epoch have the rate of its "step", so that
    /// `.perEpoch(of: 100, .exponentialDecay(0.1, by: 0.9, over: 2))` is MindSpore's `nn.exponential_decay_lr(0.1, 0.9, …, 100, 2)`.
    public static func perEpoch(of steps: Int, _ schedule: LearningRate) -> LearningRate {
        check(steps > 0, "an epoch of \(steps) steps")
        var settings = schedule.settings
        for name in ["learning-rate", "warm-up"] { settings[name]? += ", by epochs of \(steps)" }
        return LearningRate(isConstant: schedule.isConstant, isFunction: schedule.isFunction, settings: settings) {
            step in
            schedule((step - 1) / steps + 1)
        }
    }
}

/// A schedule that computes in double precision. What depends on the length of the run stands apart.
private func named(
    _ text: String, steps: Int? = nil, _ rate: @escaping @Sendable (Int) -> Double
) -> LearningRate {
    let length = steps.map { ["schedule-steps": "\($0)"] } ?? [:]
    return LearningRate(settings: ["learning-rate": text].merging(length) { $1 }) { Float(rate(max($0, 1))) }
}

private func check(_ condition: Bool, _ what: String) { insist(condition, "\(what) is no schedule of a learning rate") }

private func stair(_ isStair: Bool) -> String { isStair ? ", in stairs" : "" }

private func isRising(_ steps: [Int]) -> Bool {
    steps.allSatisfy { $0 > 0 } && zip(steps, steps.dropFirst()).allSatisfy(<)
}

/// The number whose shortest decimal digits a user wrote: 0.1, and not the Float beside it. All numbers of a schedule go through
/// here; ends the program for one that is not finite.
private func written(_ value: Float) -> Double {
    insist(value.isFinite, "a schedule of a learning rate is made of finite numbers, not \(value)")
    return Double("\(value)") ?? Double(value)
}

private func share(_ made: Int, of steps: Int, _ isStair: Bool) -> Double {
    isStair ? Double(made / steps) : Double(made) / Double(steps)
}

/// Along half a cosine from one number to another.
private func between(_ start: Double, _ end: Double, _ share: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(Double.pi * share))
}
