public import Graphs
import Memory
import Tensors

/// Several optimizers, each of its own parameters, with rates and decays of their own (MindSpore's groups of parameters).
///
/// ```swift
/// let isHead = { (parameter: Parameter) in parameter.name.hasPrefix("head.") }
/// let parameters = network.trainableParameters
/// let optimizer = GroupedOptimizer([
///     AdamW(parameters.filter { !isHead($0) }, learningRate: 1e-5, weightDecay: 0.1),
///     AdamW(parameters.filter(isHead), learningRate: 1e-3),
/// ])
/// ```
///
/// Callbacks see the learning rate of the first; when they set it, those of the others change by the same factor. What several of them call alike in their state, such as `learning_rate`, is saved
/// as `learning_rate_group_0`, `learning_rate_group_1`, …. The names of parameters must be final: `network.parameters` gives them.
public final class GroupedOptimizer: Optimizer {
    /// The optimizers.
    public let groups: [Optimizer]

    /// Which group a parameter is in, and its number there.
    private let places: [(group: Int, index: Int)]

    private let ownState: [Parameter]

    /// Joins optimizers, no two of which have a parameter in common.
    public init(_ groups: [Optimizer]) {
        insist(!groups.isEmpty, "GroupedOptimizer has no groups")
        let trained = groups.flatMap(\.trained)
        insist(
            Set(trained.map(ObjectIdentifier.init)).count == trained.count,
            "a parameter is in two groups of GroupedOptimizer; each must be in one")
        self.groups = groups
        places = groups.indices.flatMap { group in groups[group].trained.indices.map { (group: group, index: $0) } }
        ownState = GroupedOptimizer.distinct(groups)
        super.init(
            trained, schedule: groups[0].schedule, targets: groups.flatMap(\.targets),
            learningRate: groups[0].learningRate)
    }

    /// The state of all groups, with names of its own for what is called alike; they count steps together.
    private static func distinct(_ groups: [Optimizer]) -> [Parameter] {
        let names = groups.flatMap { $0.state.map(\.name) }
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        return groups.enumerated().flatMap { number, group in
            group.state.filter { $0 !== group.globalStep }.map { parameter in
                if counts[parameter.name] ?? 0 > 1 { parameter.name += "_group_\(number)" }
                return parameter
            }
        }
    }

    /// `global_step`, then the state of each group.
    public override var state: [Parameter] { [globalStep] + ownState }

    /// Those of each group, by its number.
    public override var settings: [String: String] {
        var all = ["optimizer": "\(groups.count) groups"]
        for (number, group) in groups.enumerated() {
            for (name, value) in group.settings {
                // How long schedules are keeps its name, for a run may be made longer.
                let isLength = name == "schedule-steps"
                all[isLength ? name : "\(name)-group-\(number)", default: ""] += isLength ? "\(value) " : value
            }
        }
        return all
    }

    package override var functionSchedules: [LearningRate] { groups.flatMap(\.functionSchedules) }

    /// Resets the settings in the state of each group.
    public override func restoreSettings() {
        for group in groups { group.restoreSettings() }
    }

    /// Writes the update of one parameter into a graph, by the rule of its group.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let place = places[index]
        groups[place.group].update(place.index, gradient: gradient, scale: scale)
    }

    /// Makes all later steps of the first group use `rate`, and scales the rates of the others by the same factor.
    public override func setLearningRate(_ rate: Float) {
        let before = groups[0].learningRate.tensor.slice(of: Float.self).span[0]
        insist(before > 0, "the first group's learning rate is \(before), by which the others cannot be scaled")
        for group in groups.dropFirst() {
            group.setLearningRate(group.learningRate.tensor.slice(of: Float.self).span[0] * (rate / before))
        }
        groups[0].setLearningRate(rate)
    }

    /// Makes each group ready; after a load they count from the step that was saved.
    public override func prepare(step: Int) {
        for group in groups {
            group.globalStep.tensor.copy(from: globalStep.tensor)
            group.prepare(step: step)
        }
    }

    /// Counts the step as made, in each group too.
    public override func finish(step: Int) {
        super.finish(step: step)
        for group in groups { group.finish(step: step) }
    }
}
