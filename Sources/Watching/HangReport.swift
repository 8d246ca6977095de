package import Collectives
import Execution
import Graphs

/// Where one rank is when nothing moves any more.
package struct HangReport: Codable, Sendable, Equatable {
    /// What tells this run from others in the same directory.
    package let run: String

    package let rank: Int

    /// How often all ranks had agreed to go on.
    package let beats: Int

    package let step: Int
    package let isEvaluation: Bool

    /// What it does, such as "in ModelCheckpoint.onTrainStepEnd".
    package let activity: String

    /// What it waits in, if it waits for others.
    package let call: CollectiveLog.Call?

    /// How many collectives it has begun.
    package let collectives: Int

    /// The ranks of its machine that are held by a debugger.
    package let traced: [Int]
}

extension HangReport {
    /// Describes this rank.
    package init(run: String, rank: Int, place: Whereabouts.Place, log: CollectiveLog, traced: [Int]) {
        self.init(
            run: run, rank: rank, beats: place.beats, step: place.step, isEvaluation: place.isEvaluation,
            activity: place.activity.description, call: log.current, collectives: log.begun, traced: traced)
    }
}

extension Whereabouts.Activity: CustomStringConvertible {
    /// As in "rank 4 is …".
    package var description: String {
        switch self {
        case .loop: "between two steps"
        case .hook(let name, of: let type): "in \(type).\(name)"
        case .programs(let programs):
            programs.lazy.compactMap { program in
                program.operation.map { "at operation \($0.index + 1) of \(program.count), \($0.name)" }
            }.first ?? "between two operations"
        }
    }
}
