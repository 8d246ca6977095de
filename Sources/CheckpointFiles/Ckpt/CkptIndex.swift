import Files
import Tensors

/// What a `.ckpt` file holds and where: records of one name joined, sizes checked.
struct CkptIndex {
    private(set) var entries: [CheckpointEntry] = []

    /// Where the contents of each entry lie in the file, in order.
    private(set) var pieces: [[Range<Int>]] = []

    private(set) var positions: [ByteName: Int] = [:]

    private let file: any ReadableFile

    /// Reads the index of the first `end` bytes of a file.
    init(of file: any ReadableFile, end: Int) throws(FormatError) {
        self.file = file
        var records = CkptRecords(file, end: end)
        var group: [CkptRecord] = []
        while let record = try records.next() {
            if let first = group.first, ByteName(first.name) != ByteName(record.name) {
                try add(group, first)
                group = []
            }
            group.append(record)
        }
        if let first = group.first { try add(group, first) }
    }

    /// Adds the entry that adjacent records of one name make. It takes the place of an earlier one of that name.
    private mutating func add(_ group: [CkptRecord], _ first: CkptRecord) throws(FormatError) {
        guard group.allSatisfy({ $0.isMap == first.isMap }) else {
            throw damage(first.offset, .piecesDisagree(name: first.name))
        }
        let (kind, pieces) = try first.isMap ? map(group, first) : tensor(group, first)
        let entry = CheckpointEntry(first.name, kind)
        if let position = positions[first.name] {
            entries[position] = entry
            self.pieces[position] = pieces
        } else {
            positions[first.name] = entries.count
            entries.append(entry)
            self.pieces.append(pieces)
        }
    }

    private func damage(_ offset: Int, _ damage: FormatDamage) -> FormatError {
        .damaged(path: file.path, offset: offset, damage)
    }

    /// A tensor or a string: one record, or several that hold a piece each and all dimensions.
    private func tensor(
        _ group: [CkptRecord], _ first: CkptRecord
    ) throws(FormatError) -> (CheckpointEntry.Kind, [Range<Int>]) {
        let tensors = group.map { $0.tensors[0] }
        let pieces = tensors.map(\.content)
        let found = pieces.map(\.count).reduce(0, +)
        guard tensors.allSatisfy({ $0.type == tensors[0].type && $0.dimensions == tensors[0].dimensions }) else {
            throw damage(first.offset, .piecesDisagree(name: first.name))
        }
        if tensors[0].type == CkptFraming.textType {
            // MindSpore takes the length of a string from its last piece, so a string is never cut.
            guard tensors.count == 1, found > 0, found % 4 == 0 else {
                throw damage(first.offset, .textInvalid(name: first.name))
            }
            return (.text(byteCount: found), pieces)
        }
        // MindSpore reads [0] as a number; its asynchronous saves write it for an empty vector, too.
        let dimensions = tensors[0].dimensions == [0] && found > 0 ? [] : tensors[0].dimensions
        let typeName = tensors[0].type ?? ""
        guard let elementType = ElementType(mindSporeName: typeName) else {
            guard let foreign = ForeignType(typeName, dimensions, byteCount: found) else {
                throw damage(tensors[0].offset, .typeUnknown(name: first.name, type: typeName))
            }
            return (.foreign(foreign), pieces)
        }
        return (.tensor(try type(elementType, dimensions, first, found: found)), pieces)
    }

    /// A map: in each of its parts the records follow each other along the first dimension.
    private func map(
        _ group: [CkptRecord], _ first: CkptRecord
    ) throws(FormatError) -> (CheckpointEntry.Kind, [Range<Int>]) {
        var types: [TensorType] = []
        var pieces: [Range<Int>] = []
        for part in 0..<3 {
            let tensors = group.map { $0.tensors[part] }
            // NumPy's names are MindSpore's in lower case.
            let name = tensors[0].type ?? ""
            guard let elementType = ElementType.allCases.first(where: { $0.mindSporeName.lowercased() == name }) else {
                throw damage(tensors[0].offset, .typeUnknown(name: first.name, type: name))
            }
            guard
                tensors.allSatisfy({
                    $0.type == name && !$0.dimensions.isEmpty
                        && $0.dimensions.dropFirst() == tensors[0].dimensions.dropFirst()
                })
            else { throw damage(first.offset, .piecesDisagree(name: first.name)) }
            var rows = 0
            for tensor in tensors {
                // Each record is checked by itself: an error in one cannot hide one in another.
                let type = try type(elementType, tensor.dimensions, first, found: tensor.content.count)
                rows += type.shape.dimensions[0]
            }
            types.append(TensorType(Shape([rows] + tensors[0].dimensions.dropFirst()), elementType))
            pieces += tensors.map(\.content)
        }
        return (.map(keys: types[0], values: types[1], status: types[2]), pieces)
    }

    /// The type, if its size can be counted and is that of the contents.
    private func type(
        _ elementType: ElementType, _ dimensions: [Int], _ record: CkptRecord, found: Int
    ) throws(FormatError) -> TensorType {
        guard let type = TensorType(checking: elementType, dimensions) else {
            throw damage(record.offset, .sizeTooLarge(name: record.name))
        }
        guard type.byteCount == found else {
            throw damage(
                record.offset, .contentSize(name: record.name, expected: type.byteCount, found: found))
        }
        return type
    }
}
