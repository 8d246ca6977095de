import Foundation
import Lockstep
import SystemPackage

/// Writes down which samples every rank reads at each step, so that it can be shown that a run which was stopped and
/// carried on, on other ranks or not, repeats none and skips none.
final class SampleRecord: Callback {
    /// A line: the numbers in the dataset of the samples that each rank reads, in the order of the ranks.
    struct Line: Codable {
        let step: Int
        let samples: [[Int]]
    }

    private let path: FilePath
    private var lines: StepLines<Line>?

    init(_ path: FilePath) {
        self.path = path
    }

    override func onTrainBegin(_ runContext: RunContext) throws {
        guard runContext.world.rank == 0 else { return }
        lines = try StepLines(path, upTo: runContext.position.step)
    }

    override func onTrainStepEnd(_ runContext: RunContext) throws {
        try runContext.meet()
        let own = try JSONEncoder().encode(Array(runContext.originalArgs().trainSamples))
        let samples = try runContext.world.allGather(Array(own)).map { bytes in
            try JSONDecoder().decode([Int].self, from: Data(bytes))
        }
        try lines?.append(Line(step: runContext.position.step, samples: samples))
    }
}
