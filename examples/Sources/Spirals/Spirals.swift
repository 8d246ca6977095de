import ArgumentParser
import Foundation
import Lockstep
import RunsCommandLine

/// Tells two spirals apart.
@main
struct Spirals: TrainingProgram {
    static let configuration = CommandConfiguration(abstract: "Tell the points of two spirals apart.")

    @Option(help: "Times that a spiral goes round.") var turns = 1.5

    func validate() throws {
        guard turns > 0, turns <= 5 else {
            throw ValidationError("--turns is \(turns); it must be above 0, and 5 at most")
        }
    }

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        let network = SequentialCell(Dense(2, 48), ReLU(), Dense(48, 48), ReLU(), Dense(48, 1))
        let test = SpiralPoints(turns: turns, count: 256, first: 1 << 20)
        return TrainingTask(
            name: "Spirals", network: network, loss: HingeLoss(margin: 1),
            optimizer: { steps in
                AdamW(network.trainableParameters, learningRate: triangle(to: 0.02, over: steps))
            },
            data: try DataLoader(
                SpiralPoints(turns: turns, count: 1024), batchSize: setting.batchSize ?? 64, shuffle: true),
            testData: try DataLoader(test, batchSize: 64, dropsRemainder: false),
            metrics: ["right": RightSide()], epochs: 20)
    }
}

/// A learning rate of your own: up to a peak in the middle of the run, and down again.
func triangle(to peak: Float, over steps: Int) -> LearningRate {
    LearningRate { step in
        let share = Float(step) / Float(steps + 1)
        return 2 * peak * min(share, 1 - share)
    }
}
