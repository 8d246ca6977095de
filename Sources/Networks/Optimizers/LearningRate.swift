import Glibc
import Memory

/// The learning rate of each step, a pure function of its number (from 1).
public struct LearningRate: Sendable, ExpressibleByFloatLiteral {
    private let rate: @Sendable (Int) -> Float

    /// Whether it is one number for all steps. Only then can a callback change it while training runs.
    public let isConstant: Bool

    /// Its settings, by name, to compare a run that carries on with the one before. What depends on the length of the run is
    /// apart, as "schedule-steps".
    public let settings: [String: String]

    /// Whether it is a function that its user wrote, of which ``settings`` cannot say everything.
    public let isFunction: Bool

    init(
        isConstant: Bool = false, isFunction: Bool = false, settings: [String: String],
        _ rate: @escaping @Sendable (Int) -> Float
    ) {
        self.isConstant = isConstant
        self.isFunction = isFunction
        self.settings = settings
        self.rate = rate
    }

    /// Makes a schedule from a function of the step.
    public init(_ rate: @escaping @Sendable (Int) -> Float) {
        self.init(isFunction: true, settings: ["learning-rate": "a function, at first \(rate(1))"], rate)
    }

    /// Makes a schedule that never changes.
    public init(floatLiteral value: Float) {
        self = .constant(value)
    }

    /// The same rate for every step.
    public static func constant(_ rate: Float) -> LearningRate {
        insistOnNumbers(["a learning rate": rate])
        return LearningRate(isConstant: true, settings: ["learning-rate": "\(rate)"]) { _ in rate }
    }

    /// Half a cosine from `peak` at the first step to `floor` at step `steps` and after (Loshchilov and Hutter, 2017).
    /// MindSpore's `nn.CosineDecayLR` is at the floor a step later: that of `steps` is this of `steps` + 1.
    public static func cosine(from peak: Float, to floor: Float = 0, over steps: Int) -> LearningRate {
        insist(steps > 0, "a cosine needs at least 1 step, not \(steps)")
        insistOnNumbers(["the peak of a cosine": peak, "its floor": floor])
        let settings = ["learning-rate": "a cosine from \(peak) to \(floor)", "schedule-steps": "\(steps)"]
        return LearningRate(settings: settings) { step in
            let share = Double(min(step - 1, steps - 1)) / Double(max(steps - 1, 1))
            return floor + (peak - floor) * Float(0.5 * (1 + cos(Double.pi * share)))
        }
    }

    /// Rises evenly from 0 to the first rate of `schedule` over `steps` steps, and then follows it from its beginning.
    public static func warmUp(over steps: Int, then schedule: LearningRate) -> LearningRate {
        insist(steps >= 0, "a learning rate rises over 0 steps or more, not \(steps)")
        let settings = schedule.settings.merging(["warm-up": "\(steps)"]) { "\($1), then \($0)" }
        return LearningRate(isFunction: schedule.isFunction, settings: settings) { step in
            step <= steps ? schedule(1) * Float(step) / Float(steps) : schedule(step - steps)
        }
    }

    /// The rate of a step.
    public func callAsFunction(_ step: Int) -> Float { rate(step) }
}
