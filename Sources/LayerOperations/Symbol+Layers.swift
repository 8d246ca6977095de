public import Graphs
import LayerKernels
import Memory
public import Tensors

// The operations of layers of images and sequences as a cell writes them.

extension Symbol {
    /// The 2-D convolution of [N, C, H, W] with a weight [O, C / group, h, w].
    public func convolved(with weight: Symbol, _ convolution: Convolution) -> Symbol {
        apply(.convolution(convolution), weight)
    }

    /// What a 2-D convolution would pass back to its input of `shape`, this being its output's gradient: the transposed
    /// convolution.
    public func convolvedTransposed(with weight: Symbol, _ convolution: Convolution, to shape: Shape) -> Symbol {
        weight.apply(.convolutionInputGradient(convolution, shape), self)
    }

    /// The maximum over windows of [N, C, H, W].
    public func maxPooled(_ pooling: Pooling) -> Symbol { apply(.maxPool(pooling)) }

    /// The mean over windows of [N, C, H, W].
    public func averagePooled(_ averaging: Averaging) -> Symbol { apply(.averagePool(averaging)) }

    /// Images [N, C, H, W] in another size, each place from the nearest one (MindSpore's `ResizeNearestNeighbor`).
    public func resizedNearest(height: Int, width: Int) -> Symbol {
        apply(ResizeImages(height: height, width: width, rule: .nearest))
    }

    /// Images [N, C, H, W] in another size, each place between the four around it (MindSpore's `ResizeBilinearV2`, with half
    /// pixels unless the corners are aligned).
    public func resizedBilinear(height: Int, width: Int, alignsCorners: Bool = false) -> Symbol {
        apply(ResizeImages(height: height, width: width, rule: alignsCorners ? .linearAlignedCorners : .linear))
    }

    /// Each channel of [N, C, ...] brought to mean 0 and deviation 1 over the batch, then scaled and shifted (Ioffe and
    /// Szegedy, 2015); and mean and variance of each channel, which pass no gradient on.
    public func batchNormalized(
        scale: Symbol, shift: Symbol, epsilon: Float
    ) -> (result: Symbol, mean: Symbol, variance: Symbol) {
        let results = trace.apply(.batchNorm(epsilon: epsilon), to: [self, scale, shift])
        return (results[0], results[1], results[2])
    }

    /// The same over the batches of all ranks that see other samples.
    public func batchNormalizedOverRanks(
        scale: Symbol, shift: Symbol, epsilon: Float
    ) -> (result: Symbol, mean: Symbol, variance: Symbol) {
        let own = trace.apply(.batchMoments, to: [self])
        let mean = trace.meanOverRanks(own[0])
        // The variance of all is the mean one, and what the ranks' means differ by.
        let variance = trace.meanOverRanks(own[1] + (own[0] - mean).square())
        let operation = ChannelNormalization(epsilon: epsilon, momentsAreOfBatches: true)
        return (apply(operation, scale, shift, mean, variance), mean, variance)
    }

    /// Each channel of [N, C, ...] normalised by a mean and a variance that are given, then scaled and shifted.
    public func channelNormalized(
        scale: Symbol, shift: Symbol, mean: Symbol, variance: Symbol, epsilon: Float
    ) -> Symbol {
        apply(.channelNorm(epsilon: epsilon), scale, shift, mean, variance)
    }

    /// Each group of channels of each sample of [N, C, ...] brought to mean 0 and deviation 1, then scaled and shifted channel
    /// by channel (Wu and He, 2018).
    public func groupNormalized(groups: Int, scale: Symbol, shift: Symbol, epsilon: Float) -> Symbol {
        apply(.groupNorm(groups: groups, epsilon: epsilon), scale, shift)
    }

    /// RMSNorm of the rows of a matrix: x / √(mean(x²) + epsilon) · scale (Zhang and Sennrich, 2019).
    public func rmsNormalized(scale: Symbol, epsilon: Float) -> Symbol { apply(.rmsNorm(epsilon: epsilon), scale) }
}

extension Symbol {
    /// The hidden states [length, batch, size] of a recurrent layer in one direction, for [length, batch, inputs], and the last
    /// states: the hidden one and an LSTM's cell state, [batch, size] each.
    ///
    /// The weights are [gates · size, inputs] and [gates · size, size], the biases [gates · size], with MindSpore's order of
    /// gates.
    ///
    /// - Parameters:
    ///   - states: The states before the first step, like the last ones; by default zeros.
    ///   - lengths: The steps of each sequence, int32 [batch], behind which its states stay as they are; by default all.
    public func recurrent(
        _ cell: RecurrentCell, inputWeight: Symbol, hiddenWeight: Symbol, inputBias: Symbol, hiddenBias: Symbol,
        from states: [Symbol] = [], lengths: Symbol? = nil, isReversed: Bool = false
    ) -> (hidden: Symbol, last: [Symbol]) {
        let rule = RecurrenceRule(
            cell: cell, isReversed: isReversed, isStarted: !states.isEmpty, hasLengths: lengths != nil)
        let results = trace.apply(
            Recurrence(rule: rule),
            to: [self, inputWeight, hiddenWeight, inputBias, hiddenBias] + states + (lengths.map { [$0] } ?? []))
        let hidden = results[0]
        let last = hidden.sliced(along: 0, from: isReversed ? 0 : hidden.shape[0] - 1, count: 1)
            .reshaped(to: [hidden.shape[1], hidden.shape[2]])
        return (hidden, [last] + (cell == .lstm ? [results[1]] : []))
    }

    /// The rows of this value and those of another one, of which each pair lies side by side in the last dimension.
    public func joiningRows(with other: Symbol) -> Symbol { apply(.joinRows, other) }
}

extension Trace {
    /// Moves a parameter, in every run of the graph, by a share of the way towards a value of its shape, as running statistics
    /// are.
    public func move(_ parameter: Parameter, towards value: Symbol, share: Float) {
        apply(.moveTowards(share: share), to: [symbol(for: parameter), value])
    }
}
