import ArgumentParser
import Lockstep
import RunsCommandLine

/// The program: trains LeNet-5 on images of digits, or a GPT on a text.
@main
struct Trainer: TrainingProgram {
    static let configuration = CommandConfiguration(
        commandName: "trainer",
        abstract: "Train a model on all ranks that mpirun starts; ask any one of them to stop, and all stop.",
        subcommands: [GenerateCommand.self])

    @OptionGroup var model: ModelOptions
    @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
    @OptionGroup(title: "GPT") var gpt: GPTOptions

    static let launchOptions: Set = ["tp"]

    var tensorParts: Int { model.tensorParts }

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        try refuseOptionsOfOtherModel()
        switch model.name {
        case .lenet5: return try digitsTask(in: setting)
        case .gpt: return try textTask(in: setting)
        }
    }

    /// An option that does nothing would let its user believe that it does.
    private func refuseOptionsOfOtherModel() throws {
        let other = model.name == .gpt ? optimizer.givenForLeNet : gpt.given
        guard let option = other.first else { return }
        throw ValidationError("\(option) is not for \(model.name.rawValue), which has no such thing; leave it out")
    }
}
