import Graphs
import Networks
import Tensors

// Layers with MindSpore's arguments, which are compared with MindSpore's.

var convolutionCases: [LayerCase] {
    [
        LayerCase(
            "Conv2d", ["in_channels": 3, "out_channels": 4, "kernel_size": 3], [2, 3, 7, 6], Conv2d(3, 4, kernelSize: 3)
        ),
        LayerCase(
            "Conv2d", ["in_channels": 3, "out_channels": 4, "kernel_size": 3, "stride": 2, "has_bias": true],
            [2, 3, 8, 7],
            Conv2d(3, 4, kernelSize: 3, stride: 2, hasBias: true)),
        LayerCase(
            "Conv2d", ["in_channels": 2, "out_channels": 3, "kernel_size": 4, "stride": 3, "pad_mode": "valid"],
            [2, 2, 9, 8], Conv2d(2, 3, kernelSize: 4, stride: 3, padMode: .valid)),
        LayerCase(
            "Conv2d",
            [
                "in_channels": 2, "out_channels": 3, "kernel_size": 3, "pad_mode": "pad", "padding": 2, "dilation": 2,
                "has_bias": true,
            ],
            [2, 2, 7, 8], Conv2d(2, 3, kernelSize: 3, padMode: .pad, padding: 2, dilation: 2, hasBias: true)),
        LayerCase(
            "Conv2d", ["in_channels": 4, "out_channels": 6, "kernel_size": 3, "group": 2], [2, 4, 5, 5],
            Conv2d(4, 6, kernelSize: 3, group: 2)),
        LayerCase(
            "Conv2d", ["in_channels": 4, "out_channels": 4, "kernel_size": 3, "group": 4, "stride": 2], [2, 4, 6, 6],
            Conv2d(4, 4, kernelSize: 3, stride: 2, group: 4)),
        LayerCase(
            "Conv2d",
            [
                "in_channels": 2, "out_channels": 3, "kernel_size": [1, 5], "stride": [2, 1], "pad_mode": "pad",
                "padding": [1, 0, 2, 1],
            ],
            [2, 2, 6, 7],
            Conv2d(2, 3, kernelSize: [1, 5], stride: [2, 1], padMode: .pad, padding: [1, 0, 2, 1])),
        LayerCase(
            "Conv1d", ["in_channels": 3, "out_channels": 4, "kernel_size": 5, "stride": 2, "has_bias": true],
            [2, 3, 11],
            Conv1d(3, 4, kernelSize: 5, stride: 2, hasBias: true)),
        LayerCase(
            "Conv1d",
            ["in_channels": 3, "out_channels": 4, "kernel_size": 3, "pad_mode": "pad", "padding": 2, "dilation": 2],
            [2, 3, 9], Conv1d(3, 4, kernelSize: 3, padMode: .pad, padding: 2, dilation: 2)),
    ]
}

var transposedCases: [LayerCase] {
    [
        LayerCase(
            "Conv2dTranspose", ["in_channels": 3, "out_channels": 4, "kernel_size": 3, "stride": 2, "has_bias": true],
            [2, 3, 4, 5], Conv2dTranspose(3, 4, kernelSize: 3, stride: 2, hasBias: true)),
        LayerCase(
            "Conv2dTranspose",
            ["in_channels": 2, "out_channels": 3, "kernel_size": 4, "stride": 2, "pad_mode": "valid"], [2, 2, 4, 5],
            Conv2dTranspose(2, 3, kernelSize: 4, stride: 2, padMode: .valid)),
        LayerCase(
            "Conv2dTranspose",
            ["in_channels": 2, "out_channels": 3, "kernel_size": 4, "stride": 2, "pad_mode": "pad", "padding": 1],
            [2, 2, 4, 5], Conv2dTranspose(2, 3, kernelSize: 4, stride: 2, padMode: .pad, padding: 1)),
    ]
}

var normalisationCases: [LayerCase] {
    [
        LayerCase("BatchNorm2d", ["num_features": 3], [4, 3, 5, 6], training: true, BatchNorm2d(3)),
        LayerCase("BatchNorm2d", ["num_features": 3, "eps": 0.01], [4, 3, 5, 6], BatchNorm2d(3, eps: 0.01)),
        LayerCase(
            "BatchNorm2d", ["num_features": 3, "momentum": 0.6], [2, 3, 2, 2], training: true,
            BatchNorm2d(3, momentum: 0.6)),
        LayerCase("BatchNorm1d", ["num_features": 5], [8, 5], training: true, BatchNorm1d(5)),
        LayerCase("BatchNorm1d", ["num_features": 5], [8, 5], BatchNorm1d(5)),
        LayerCase("GroupNorm", ["num_groups": 2, "num_channels": 6], [3, 6, 4, 5], GroupNorm(2, 6)),
        LayerCase(
            "GroupNorm", ["num_groups": 4, "num_channels": 4, "eps": 0.01], [3, 4, 4, 5], GroupNorm(4, 4, eps: 0.01)),
        // MindSpore has InstanceNorm2d on a GPU alone; it is a group normalisation of as many groups as channels.
        LayerCase("GroupNorm", ["num_groups": 4, "num_channels": 4], [3, 4, 4, 5], InstanceNorm2d(4)),
        LayerCase("LayerNorm", ["normalized_shape": [7], "epsilon": 1e-5], [5, 7], LayerNorm(7)),
        LayerCase("LayerNorm", ["normalized_shape": [7], "epsilon": 1e-5], [2, 5, 7], LayerNorm(7)),
        LayerCase(
            "LayerNorm", ["normalized_shape": [4, 5], "begin_norm_axis": 1, "begin_params_axis": 1, "epsilon": 1e-3],
            [3, 4, 5], LayerNorm([4, 5], epsilon: 1e-3)),
    ]
}

var poolingCases: [LayerCase] {
    [
        LayerCase(
            "MaxPool2d", ["kernel_size": 3, "stride": 2], [2, 3, 8, 7], MaxPool2d(kernelSize: 3, stride: 2)),
        LayerCase(
            "MaxPool2d", ["kernel_size": 3, "stride": 2, "pad_mode": "same"], [2, 3, 8, 7],
            MaxPool2d(kernelSize: 3, stride: 2, padMode: .same)),
        LayerCase(
            "MaxPool2d", ["kernel_size": 3, "stride": 2, "pad_mode": "pad", "padding": 1], [2, 3, 8, 7],
            MaxPool2d(kernelSize: 3, stride: 2, padMode: .pad, padding: 1)),
        LayerCase(
            "AvgPool2d", ["kernel_size": 3, "stride": 2], [2, 3, 8, 7], AvgPool2d(kernelSize: 3, stride: 2)),
        LayerCase(
            "AvgPool2d", ["kernel_size": 3, "stride": 2, "pad_mode": "same"], [2, 3, 8, 7],
            AvgPool2d(kernelSize: 3, stride: 2, padMode: .same)),
        LayerCase(
            "AvgPool2d", ["kernel_size": 3, "stride": 2, "pad_mode": "pad", "padding": 1], [2, 3, 8, 7],
            AvgPool2d(kernelSize: 3, stride: 2, padMode: .pad, padding: 1)),
        LayerCase(
            "AvgPool2d",
            ["kernel_size": 3, "stride": 2, "pad_mode": "pad", "padding": 1, "count_include_pad": false], [2, 3, 8, 7],
            AvgPool2d(kernelSize: 3, stride: 2, padMode: .pad, padding: 1, countIncludePad: false)),
        LayerCase(
            "MaxPool2d", ["kernel_size": [3, 2], "stride": [1, 2]], [2, 3, 8, 7],
            MaxPool2d(kernelSize: [3, 2], stride: [1, 2])),
        LayerCase("AdaptiveAvgPool2d", ["output_size": 1], [2, 3, 4, 5], AdaptiveAvgPool2d(1)),
        LayerCase("AdaptiveAvgPool2d", ["output_size": [3, 5]], [2, 3, 7, 8], AdaptiveAvgPool2d(3, 5)),
    ]
}

var recurrentCases: [LayerCase] {
    [
        LayerCase("RNN", ["input_size": 3, "hidden_size": 4], [5, 2, 3], RNN(3, 4)),
        LayerCase(
            "RNN", ["input_size": 3, "hidden_size": 4, "nonlinearity": "relu", "num_layers": 2, "has_bias": false],
            [3, 2, 3], RNN(3, 4, numLayers: 2, nonlinearity: .relu, hasBias: false)),
        LayerCase("GRU", ["input_size": 3, "hidden_size": 4], [5, 2, 3], GRU(3, 4)),
        LayerCase(
            "GRU",
            ["input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": true, "batch_first": true],
            [2, 5, 3],
            GRU(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
        LayerCase("LSTM", ["input_size": 3, "hidden_size": 4], [5, 2, 3], LSTM(3, 4)),
        LayerCase(
            "LSTM",
            ["input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": true, "batch_first": true],
            [2, 5, 3],
            LSTM(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
    ]
}

/// Recurrent layers that are given states to begin with, and of which the last ones count too.
var stateCases: [LayerCase] {
    [
        LayerCase("RNN", ["input_size": 3, "hidden_size": 4], [5, 2, 3], states: [1, 2, 4], RNN(3, 4)),
        LayerCase(
            "RNN", ["input_size": 3, "hidden_size": 4, "nonlinearity": "relu", "bidirectional": true], [1, 2, 3],
            states: [2, 2, 4], RNN(3, 4, nonlinearity: .relu, bidirectional: true)),
        LayerCase("GRU", ["input_size": 3, "hidden_size": 4], [1, 2, 3], states: [1, 2, 4], GRU(3, 4)),
        LayerCase(
            "GRU",
            ["input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": true, "batch_first": true],
            [2, 5, 3], states: [4, 2, 4], GRU(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
        LayerCase("LSTM", ["input_size": 3, "hidden_size": 4], [5, 2, 3], states: [1, 2, 4], LSTM(3, 4)),
        LayerCase(
            "LSTM",
            ["input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": true, "batch_first": true],
            [2, 5, 3], states: [4, 2, 4], LSTM(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
    ]
}

/// The same over sequences of which some end sooner than others.
var lengthCases: [LayerCase] {
    let both: [String: LayerArgument] = [
        "input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": true, "batch_first": true,
    ]
    return [
        LayerCase(
            "RNN", ["input_size": 3, "hidden_size": 4], [5, 3, 3], states: [1, 3, 4], lengths: [2, 5, 1], RNN(3, 4)),
        LayerCase(
            "RNN", both, [3, 5, 3], states: [4, 3, 4], lengths: [2, 5, 1],
            RNN(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
        LayerCase(
            "GRU", both, [3, 5, 3], states: [4, 3, 4], lengths: [2, 5, 1],
            GRU(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
        LayerCase(
            "LSTM", both, [3, 5, 3], states: [4, 3, 4], lengths: [2, 5, 1],
            LSTM(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)),
    ]
}

var denseCases: [LayerCase] {
    [
        LayerCase("Dense", ["in_channels": 5, "out_channels": 3], [4, 5], Dense(5, 3)),
        LayerCase(
            "Dense", ["in_channels": 5, "out_channels": 3, "has_bias": false], [4, 5], Dense(5, 3, hasBias: false)),
        LayerCase("ReLU", [:], [4, 5], ReLU()),
        LayerCase("Flatten", [:], [2, 3, 4], Flatten()),
    ]
}
