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
                + "ViT: a folder with CIFAR-10's binary files, or with folders 'train' and 'val' or 'test', in each a folder "
                + "of pictures for each class. (default: built in)"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "The height and width that pictures of your own are brought to; from 96 on, networks begin as they do for "
                + "ImageNet. (default: \(PictureSource.usualSize))", valueName: "pixels"))
    var imageSize: Int?

    // A list, so that an axis that is given twice can be refused.
    @Option(
        name: .customLong("tp"), parsing: .singleValue,
        help: ArgumentHelp("Ranks that share the layers of a GPT. (default: 1)", valueName: "ranks"))
    var tensorSizes: [Int] = []

    @Flag(
        help:
            "Normalise the batches of a ResNet or MobileNetV2 over all ranks together: results then do not depend on their number."
    )
    var syncBatchNorm = false

    func validate() throws {
        if data?.isEmpty == true { throw ValidationError("--data is empty; it must be a path") }
        try checkAxis(Placement.tensorAxis, tensorSizes)
        if data != nil, name == .unet {
            throw ValidationError(
                "--data is not for unet, which finds the figures that the program draws; leave it out")
        }
        if let imageSize {
            guard [.mlp, .resnet18, .resnet34, .resnet50, .mobilenetv2, .vit].contains(name) else {
                throw ValidationError(
                    "--image-size is not for \(name.rawValue), whose samples have one size; leave it out")
            }
            guard PictureSource.sizes ~= imageSize else {
                let (least, most) = (PictureSource.sizes.lowerBound, PictureSource.sizes.upperBound)
                throw ValidationError("--image-size is \(imageSize); it must be from \(least) to \(most)")
            }
        }
        if syncBatchNorm, ![.resnet18, .resnet34, .resnet50, .mobilenetv2].contains(name) {
            throw ValidationError(
                "--sync-batch-norm is not for \(name.rawValue), but for the ResNets and MobileNetV2; leave it out")
        }
        guard tensorParts == 1 || name == .gpt else {
            throw ValidationError(
                "--tp is \(tensorParts); the layers of \(name.rawValue) cannot be shared, so it must be 1")
        }
    }

    /// How many ranks share each layer.
    var tensorParts: Int { tensorSizes.first ?? 1 }
}
