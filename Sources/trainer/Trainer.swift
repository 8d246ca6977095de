import ArgumentParser
import Lockstep
import RunsCommandLine

/// The program: trains one of the networks that ship, on pictures or on a text.
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
        case .resnet18: return try residualTask(.resNet18, in: setting)
        case .resnet34: return try residualTask(.resNet34, in: setting)
        case .resnet50: return try residualTask(.resNet50, in: setting)
        case .mlp: return try layersTask(in: setting)
        case .mobilenetv2: return try mobileTask(in: setting)
        case .vit: return try patchesTask(in: setting)
        case .unet: return try segmentationTask(in: setting)
        case .lstm: return try recurrentTask(in: setting)
        case .gpt: return try textTask(in: setting)
        }
    }

    /// An option that does nothing would let its user believe that it does.
    private func refuseOptionsOfOtherModel() throws {
        let other =
            switch model.name {
            case .gpt: optimizer.givenForMomentum
            case .lstm: optimizer.givenForMomentum + gpt.givenForSizes
            case .vit: optimizer.givenForMomentum + gpt.given
            case .lenet5, .mlp, .resnet18, .resnet34, .resnet50, .mobilenetv2, .unet: gpt.given
            }
        guard let option = other.first else { return }
        throw ValidationError("\(option) is not for \(model.name.rawValue), which has no such thing; leave it out")
    }
}
