import Tensors

@testable import Graphs
@testable import LayerOperations

/// The samples of the operations that layers of images and sequences are made of.
func layerGradientCheck(of name: String) -> GradientCheck? {
    switch name {
    case "averagePoolGradient", "batchNormGradient", "channelNormSums", "channelNormGradient", "groupNormGradient",
        "rmsNormGradient", "recurrenceGradient", "joinRowsGradient":
        .none(because: "it stands in the backward pass; the rule that writes it is checked")
    case "batchMoments": .none(because: "who normalises by them passes their gradient on; see BatchNormTests")
    case "moveTowards": .none(because: "it stands behind the backward pass")

    case "convolutionInputGradient": transposedConvolutions
    case "averagePool": averages
    case "batchNorm":
        .samples(
            ([[3, 2], [4, 19], [2, 3, 5], [3, 2, 3, 7]] as [Shape]).map {
                Sample(.batchNorm(epsilon: 0.1), .uniform($0), .uniform([$0[1]]), .uniform([$0[1]]))
            })
    case "channelNorm":
        .samples(
            ([[3, 2], [4, 19], [2, 3, 5], [3, 2, 3, 7]] as [Shape]).map {
                Sample(
                    .channelNorm(epsilon: 0.1), .uniform($0), .uniform([$0[1]]), .uniform([$0[1]]), .settled([$0[1]]),
                    .settled([$0[1]]))
            })
    case "groupNorm":
        .samples(
            ([(1, [2, 3, 5]), (2, [3, 4, 3, 2]), (3, [2, 3, 19]), (2, [4, 6])] as [(Int, Shape)]).map { groups, shape in
                Sample(
                    .groupNorm(groups: groups, epsilon: 0.1), .uniform(shape), .uniform([shape[1]]),
                    .uniform([shape[1]]))
            })
    case "rmsNorm":
        .samples(
            ([[1, 5], [3, 4], [5, 19]] as [Shape]).map {
                Sample(.rmsNorm(epsilon: 0.1), .uniform($0), .uniform([$0[1]]))
            })
    case "recurrence": recurrences
    case "joinRows":
        .samples([
            Sample(.joinRows, .uniform([3]), .uniform([2])),
            Sample(.joinRows, .uniform([3, 2, 5]), .uniform([3, 2, 19])),
        ])
    default: nil
    }
}

private var transposedConvolutions: GradientCheck {
    let strided = Convolution(stride: [2, 3], padding: [1, 0, 1, 2], dilation: [2, 1])
    return .samples([
        Sample(
            .convolutionInputGradient(Convolution(), [2, 2, 5, 4]), .uniform([3, 2, 3, 2]), .uniform([2, 3, 3, 3])),
        Sample(.convolutionInputGradient(strided, [1, 2, 6, 7]), .uniform([3, 2, 2, 3]), .uniform([1, 3, 3, 3])),
        Sample(
            .convolutionInputGradient(Convolution(group: 2), [1, 4, 4, 4]), .uniform([2, 2, 2, 2]),
            .uniform([1, 2, 3, 3])),
    ])
}

private var averages: GradientCheck {
    let padded = Pooling(kernel: [3, 3], stride: [2, 1], padding: [1, 1, 0, 2])
    return .samples([
        Sample(
            .averagePool(.windows(Pooling(kernel: [2, 3], stride: [2, 1]), countsPadding: true)),
            .uniform([2, 3, 5, 6])),
        Sample(.averagePool(.windows(padded, countsPadding: true)), .uniform([1, 2, 5, 4])),
        Sample(.averagePool(.windows(padded, countsPadding: false)), .uniform([1, 2, 5, 19])),
        Sample(.averagePool(.adaptive(height: 1, width: 1)), .uniform([2, 3, 4, 5])),
        Sample(.averagePool(.adaptive(height: 3, width: 5)), .uniform([1, 2, 7, 4])),
    ])
}

private var recurrences: GradientCheck {
    .samples(RecurrentCell.allCases.flatMap { samples(of: $0) })
}

/// Several steps, one, and more hidden elements than the widest vector; from zeros and from given states.
private func samples(of cell: RecurrentCell) -> [Sample] {
    let sizes: [(length: Int, batch: Int, inputs: Int, size: Int)] = [(3, 2, 4, 3), (1, 1, 2, 3), (2, 1, 1, 17)]
    return sizes.flatMap { length, batch, inputs, size in
        let rows = cell.gateCount * size
        let weights: [SampleInput] = [
            .uniform([length, batch, inputs]), .uniform([rows, inputs], -0.5..<0.5),
            .uniform([rows, size], -0.5..<0.5), .uniform([rows]), .uniform([rows]),
        ]
        let states = Array(repeating: SampleInput.uniform([batch, size]), count: cell.stateCount)
        return [false, true].flatMap { isReversed in
            [
                Sample(.recurrence(cell, isReversed: isReversed), weights),
                Sample(.recurrence(cell, isReversed: isReversed, isStarted: true), weights + states),
                Sample(
                    .recurrence(cell, isReversed: isReversed, isStarted: true, hasLengths: true),
                    weights + states + [.numbers([batch], below: length + 1)]),
            ]
        }
    }
}
