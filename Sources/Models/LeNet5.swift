public import Graphs
public import Networks

/// LeNet-5 for grey images [N, channels, 32, 32], as MindSpore's tutorials write it (LeCun et al., 1998).
public final class LeNet5: Cell {
    let conv1: Conv2d
    let conv2 = Conv2d(6, 16, kernelSize: 5, padMode: .valid)
    let fc1 = Dense(16 * 5 * 5, 120)
    let fc2 = Dense(120, 84)
    let fc3: Dense
    let maxPool = MaxPool2d(kernelSize: 2, stride: 2)
    let flatten = Flatten()

    /// Makes a network that tells `classes` kinds of images apart.
    public init(classes: Int = 10, channels: Int = 1) {
        conv1 = Conv2d(channels, 6, kernelSize: 5, padMode: .valid)
        fc3 = Dense(84, classes)
    }

    /// Logits [N, classes].
    public func construct(_ x: Symbol) -> Symbol {
        let features = maxPool(conv2(maxPool(conv1(x).relu())).relu())
        return fc3(fc2(fc1(flatten(features)).relu()).relu())
    }
}
