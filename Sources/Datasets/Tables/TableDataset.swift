public import Tensors

/// The records of a table as samples in memory: a number takes four bytes, however it is written.
public struct TableDataset: Dataset {
    /// The texts of the classes of a column, by number.
    public let classes: [String: [String]]

    private let samples: TensorDataset

    init(_ builders: [ColumnBuilder]) {
        samples = TensorDataset(builders.map { ($0.column.name, $0.finish()) })
        let named = builders.compactMap { $0.classes.isEmpty ? nil : ($0.column.name, $0.classes) }
        classes = Dictionary(named) { $1 }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension TableDataset {
    public var count: Int { samples.count }
    public var columns: [DataColumn] { samples.columns }
    public var residentByteCount: Int { samples.residentByteCount }

    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        samples.copySamples(indices, into: tensors)
    }
}

/// Builds a table out of records, and says where one cannot be taken.
struct TableBuilder {
    private var builders: [ColumnBuilder]
    private(set) var count = 0

    init(_ columns: [TableColumn]) { builders = columns.map(ColumnBuilder.init) }

    /// Adds a record, whose fields `value` gives by the number of the column and the field in it.
    mutating func add(_ value: (_ column: Int, _ field: Int) throws(FieldProblem) -> FieldValue) throws(FieldProblem) {
        count += 1
        for index in builders.indices {
            var fields: [FieldValue] = []
            for field in builders[index].column.fields.indices { fields.append(try value(index, field)) }
            try builders[index].add(fields)
        }
    }

    func finish() -> TableDataset { TableDataset(builders) }
}
