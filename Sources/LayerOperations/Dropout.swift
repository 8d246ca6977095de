import Graphs
import Kernels
import Memory
import Tensors

/// Which elements a dropout keeps: a pure function of seed, stream, step and the element's place in the whole value,
/// so that it is the same on every mesh.
public struct DropoutSettings: Hashable, Sendable {
    /// The share of elements that are dropped.
    public var rate: Float
    /// The seed of the run.
    public var seed: UInt64
    /// What tells this dropout from the others of a network.
    public var stream: UInt64
    /// The number, in the whole value, of this rank's first column (of its first head, in attention).
    public var firstColumn: Int
    /// The number of columns (of heads, in attention) of the whole value.
    public var columns: Int
    /// How many rows each sample has.
    public var rowsPerSample: Int

    /// Makes the settings.
    public init(
        rate: Float, seed: UInt64 = 0, stream: UInt64 = 0, firstColumn: Int = 0, columns: Int = 0,
        rowsPerSample: Int = 1
    ) {
        self.rate = rate
        self.seed = seed
        self.stream = stream
        self.firstColumn = firstColumn
        self.columns = columns
        self.rowsPerSample = rowsPerSample
    }
}

extension DropoutSettings: CustomStringConvertible {
    /// All settings. Graphs are compared by such texts, and older ones stand in checkpoints.
    public var description: String {
        "Graphs.Dropout(rate: \(rate), seed: \(seed), stream: \(stream), firstColumn: \(firstColumn), "
            + "columns: \(columns), rowsPerSample: \(rowsPerSample))"
    }

    /// The same, without the rate and the seed: what tells two networks apart.
    var structure: String {
        var blank = self
        (blank.rate, blank.seed) = (0, 0)
        return "\(blank)"
    }

    /// The mask of a step, for this rank's rows.
    func mask(at place: Span<Int32>) -> DropoutMask {
        DropoutMask(
            seed: seed, stream: UInt32(truncatingIfNeeded: stream), step: UInt32(bitPattern: place[0]),
            firstRow: Int(place[1]) * rowsPerSample, firstColumn: firstColumn, totalColumns: columns)
    }
}

/// Elements set to 0 at random, the others scaled up; the second input is the place in the run.
struct DropElements: Operation {
    let settings: DropoutSettings

    var name: String { "dropout" }

    var inputCount: Int? { 2 }

    var description: String { "dropout(\(settings))" }

    var structure: String { "dropout(\(settings.structure))" }

    var dropoutRate: Float? { settings.rate }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(self, x[1]), nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (x, place, y) = (operands.input(0), operands.integers(1), operands.result())
        return { [settings, pool = operands.pool] in
            var result = y.mutableSpan
            Kernels.dropout(
                x.span, into: &result, rows: rows, columns: columns, rate: settings.rate,
                mask: settings.mask(at: place.span), pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw NoMindSporeForm("it drops other elements in each step; trace the graph for inference")
    }
}

extension Operation where Self == DropElements {
    static func dropout(_ settings: DropoutSettings) -> Self { Self(settings: settings) }
}
