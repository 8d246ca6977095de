public import Checkpoints
import Tensors

/// A value that is saved beside the parameters (an element of MindSpore's `append_info`).
///
/// Literals will do: `["epoch_num", "step_num", ["batch_size": 32, "note": "warm"]]`.
public enum AppendInfo: Sendable {
    /// The epoch, as "epoch_num".
    case epochNum

    /// The step of the run, as "step_num".
    case stepNum

    /// Values of your own, in this order. "epoch_num" and "step_num" among them are added to the epoch and the step.
    case values([(name: String, value: CheckpointValue)])

    /// A name that stands for nothing; ``CheckpointConfig`` refuses it.
    case unknown(String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension AppendInfo: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    public init(stringLiteral name: String) {
        switch name {
        case "epoch_num": self = .epochNum
        case "step_num": self = .stepNum
        default: self = .unknown(name)
        }
    }

    public init(dictionaryLiteral values: (String, CheckpointValue)...) {
        self = .values(values.map { (name: $0.0, value: $0.1) })
    }
}

/// The checked values of `append_info`, in the order in which they are saved.
struct AppendedValues {
    private(set) var values: [(name: String, value: CheckpointValue)] = []

    /// Joins the elements: the epoch first, then the step, then the values, which replace what has their name.
    init(_ elements: [AppendInfo]) throws(CheckpointConfigError) {
        var own: [(name: String, value: CheckpointValue)]?
        var wantsEpoch = false
        var wantsStep = false
        for element in elements {
            switch element {
            case .epochNum: wantsEpoch = true
            case .stepNum: wantsStep = true
            case .unknown(let name): throw .unknownAppendInfo(name)
            case .values(let values):
                guard own == nil else { throw .twoDictionaries }
                own = values
            }
        }
        if wantsEpoch { set("epoch_num", 0) }
        if wantsStep { set("step_num", 0) }
        for (name, value) in own ?? [] {
            if Self.counters.contains(name) {
                guard case .integer = value else { throw .badOffset(name) }
            }
            set(name, value)
        }
    }

    private static let counters = ["epoch_num", "step_num"]

    private mutating func set(_ name: String, _ value: CheckpointValue) {
        if let index = values.firstIndex(where: { ByteName($0.name) == ByteName(name) }) {
            values[index].value = value
        } else {
            values.append((name, value))
        }
    }

    /// What is saved after step `step` of epoch `epoch`.
    func values(epoch: Int, step: Int) -> [(name: String, value: CheckpointValue)] {
        values.map { name, value in
            guard case .integer(let offset) = value else { return (name, value) }
            switch name {
            case "epoch_num": return (name, .integer(offset + epoch))
            case "step_num": return (name, .integer(offset + step))
            default: return (name, value)
            }
        }
    }
}
