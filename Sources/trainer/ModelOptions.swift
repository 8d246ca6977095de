import ArgumentParser
import Lockstep
import RunsCommandLine

/// The models that the trainer knows.
enum ModelName: String, CaseIterable, ExpressibleByArgument {
    case lenet5, mlp, resnet18, resnet34, resnet50, mobilenetv2, vit, unet, lstm, gpt
}

/// The options that say which model is meant, and its samples.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: "The model: \(ModelName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var name = ModelName.lenet5

    @Option(
        help: ArgumentHelp(
            "LeNet-5: a folder with MNIST's four IDX files. GPT, LSTM: a text file. Gzipped or not. MLP, ResNets, MobileNetV2, "
                + "ViT: a folder with CIFAR-10's binary files. (default: built in)"))
    var data: String?

    // A list, so that an axis that is given twice can be refused.
    @Option(
        name: .customLong("tp"), parsing: .singleValue,
        help: ArgumentHelp("Ranks that share the layers of a GPT. (default: 1)", valueName: "ranks"))
    var tensorSizes: [Int] = []

    @Flag(
        help:
            "Normalise the batches of a ResNet over all ranks together, so that results do not depend on their number.")
    var syncBatchNorm = false

    func validate() throws {
        if data?.isEmpty == true { throw ValidationError("--data is empty; it must be a path") }
        try checkAxis(Placement.tensorAxis, tensorSizes)
        if data != nil, name == .unet {
            throw ValidationError(
                "--data is not for unet, which finds the figures that the program draws; leave it out")
        }
        if syncBatchNorm, ![.resnet18, .resnet34, .resnet50].contains(name) {
            throw ValidationError(
                "--sync-batch-norm is not for \(name.rawValue); it is for the ResNets, so leave it out")
        }
        guard tensorParts == 1 || name == .gpt else {
            throw ValidationError(
                "--tp is \(tensorParts); the layers of \(name.rawValue) cannot be shared, so it must be 1")
        }
    }

    /// How many ranks share each layer.
    var tensorParts: Int { tensorSizes.first ?? 1 }
}
