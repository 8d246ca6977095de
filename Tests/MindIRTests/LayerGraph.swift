import Graphs
import MindSporeTestKit
import Models
import Networks
import Tensors

/// A network of layers of images or sequences, traced for inference with any batch size.
struct LayerGraph {
    let name: String

    /// The shape of a sample.
    let sample: [Int]

    /// What samples are numbers of, where they are no float32.
    let vocabulary: Int?

    private let cell: any Cell

    init(_ name: String, _ sample: [Int], vocabulary: Int? = nil, _ cell: any Cell) {
        (self.name, self.sample, self.vocabulary, self.cell) = (name, sample, vocabulary, cell)
        cell.fill()
    }

    func graph(rows: Int) -> Graph {
        let trace = Trace()
        let x = trace.input("x", TensorType(Shape([rows] + sample), vocabulary == nil ? .float32 : .int32))
        return trace.finish(outputs: [cell(x)])
    }

    func input(rows: Int) -> Tensor {
        let shape = Shape([rows] + sample)
        guard let vocabulary else { return random(shape, seed: 7) }
        return Tensor((0..<shape.elementCount).map { Int32($0 * 7 % vocabulary) }, shape: shape)
    }

    /// What all networks together must have in them, besides what random graphs have.
    static let operationNames: Set<String> = [
        "averagePool", "channelNorm", "groupNorm", "rmsNorm", "recurrence", "joinRows", "convolutionInputGradient",
    ]

    static var all: [LayerGraph] {
        images + [
            LayerGraph("BatchNorm1d", [5], BatchNorm1d(5)), LayerGraph("BatchNorm1d-long", [3, 5], BatchNorm1d(3)),
            LayerGraph("LayerNorm", [3, 4, 5], LayerNorm([4, 5])), LayerGraph("RMSNorm", [3, 5], RMSNorm(5)),
            LayerGraph("Conv1d", [3, 9], Conv1d(3, 4, kernelSize: 3, stride: 2, hasBias: true)),
            LayerGraph("LSTM", [6, 3], LSTM(3, 4, batchFirst: true)),
            LayerGraph("LSTM-both", [6, 3], LSTM(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
            LayerGraph("CharacterLSTM", [6], vocabulary: 11, CharacterLSTM(vocabulary: 11, width: 8)),
        ]
    }

    private static var images: [LayerGraph] {
        [
            LayerGraph("Conv2d-group", [4, 7, 6], Conv2d(4, 6, kernelSize: 3, stride: 2, group: 2, hasBias: true)),
            LayerGraph("Conv2d-depthwise", [4, 7, 6], Conv2d(4, 4, kernelSize: 3, group: 4)),
            LayerGraph("Conv2dTranspose", [3, 4, 5], Conv2dTranspose(3, 4, kernelSize: 3, stride: 2, hasBias: true)),
            LayerGraph(
                "Conv2dTranspose-valid", [2, 4, 5], Conv2dTranspose(2, 3, kernelSize: 4, stride: 2, padMode: .valid)),
            LayerGraph(
                "Conv2dTranspose-pad", [4, 4, 5],
                Conv2dTranspose(4, 6, kernelSize: 3, padMode: .pad, padding: 2, dilation: 2, group: 2)),
            LayerGraph("BatchNorm2d", [3, 4, 5], BatchNorm2d(3)),
            LayerGraph("GroupNorm", [6, 4, 5], GroupNorm(2, 6)),
            LayerGraph("InstanceNorm", [3, 4, 5], InstanceNorm2d(3)),
            LayerGraph("MaxPool2d-same", [3, 8, 8], MaxPool2d(kernelSize: 3, stride: 2, padMode: .same)),
            LayerGraph("AvgPool2d", [3, 8, 7], AvgPool2d(kernelSize: 3, stride: 2)),
            LayerGraph("AvgPool2d-same", [3, 8, 7], AvgPool2d(kernelSize: 3, stride: 2, padMode: .same)),
            LayerGraph("AvgPool2d-pad", [3, 8, 7], AvgPool2d(kernelSize: 3, stride: 2, padMode: .pad, padding: 1)),
            LayerGraph("AdaptiveAvgPool2d", [3, 8, 7], AdaptiveAvgPool2d(3, 2)),
            LayerGraph("ResNet18", [3, 32, 32], ResNet(.resNet18, classes: 10, stem: .small, width: 4)),
            LayerGraph("ResNet50", [3, 64, 64], ResNet(.resNet50, classes: 10, width: 4)),
            LayerGraph("MobileNetV2", [3, 32, 32], MobileNetV2(classes: 10, stem: .small, width: 0.25)),
        ]
    }
}

extension Cell {
    /// Gives the parameters numbers with which results are of the size of 1.
    func fill() {
        for (index, parameter) in parameters.enumerated() {
            let values = random(parameter.shape, seed: UInt64(index)).elements(of: Float.self)
            let isVariance = parameter.name.hasSuffix("variance")
            let few =
                parameter.shape.rank > 1
                ? Float(2) / Float(parameter.shape.elementCount / parameter.shape[0]).squareRoot() : 1
            parameter.tensor.copy(
                from: Tensor(values.map { isVariance ? 1 + $0 / 2 : $0 * few }, shape: parameter.shape))
            parameter.isInitialized = true
        }
    }
}
