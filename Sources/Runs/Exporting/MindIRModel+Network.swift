public import Datasets
import Graphs
public import MindIR
public import Networks
import Tensors

extension MindIRModel {
    /// The model of a network for samples of these columns: from its inputs to its outputs, or with a loss from all columns
    /// to the loss. A ``MultiInputCell`` has all columns but the last as inputs. Nothing is dropped in it, also where training
    /// drops.
    ///
    /// Of a rank's part of a network it is the model of the whole, whose parameters then have no values here.
    ///
    /// - Throws: ``ExportError``.
    public init(
        of network: any Cell, lossFn: (any Loss)? = nil, columns: [DataColumn], batch: MindIROptions.Batch = .free
    ) throws(ExportError) {
        if case .samples(let count) = batch, count < 1 { throw .badBatch(count) }
        let name = "\(type(of: network))"
        let (network, lossFn) = try Self.whole(network, lossFn)
        // Asking for them names them.
        _ = network.parameters
        let graph = { (rows: Int) in
            let trace = Trace()
            let count = network.inputCount(ofColumns: columns.count)
            let inputs = columns.prefix(lossFn == nil ? count : columns.count).map { column in
                trace.input(column.name, TensorType(Shape([rows] + column.shape.dimensions), column.elementType))
            }
            let outputs = network.outputs(for: Array(inputs.prefix(count)))
            let loss = lossFn.map { $0.construct(outputs, Array(inputs.dropFirst(count))) }
            return trace.finish(outputs: loss.map { [$0] } ?? outputs)
        }
        do throws(MindIRError) {
            let exporter = try MindIRExporter(graphName: name)
            switch batch {
            case .free: self = try exporter.model(tracing: graph)
            case .samples(let count): self = try exporter.model(of: graph(count))
            }
        } catch {
            throw .refused(network: name, error)
        }
    }

    private static func whole(
        _ network: any Cell, _ lossFn: (any Loss)?
    ) throws(ExportError) -> (any Cell, (any Loss)?) {
        guard !network.isWhole else { return (network, lossFn) }
        guard let part = network as? any PartitionedCell else { throw .partOnly(network: "\(type(of: network))") }
        guard let lossFn else { return (part.whole(), nil) }
        guard let partOfLoss = lossFn as? any PartitionedLoss else { throw .partOnly(network: "\(type(of: lossFn))") }
        return (part.whole(), partOfLoss.whole())
    }
}
