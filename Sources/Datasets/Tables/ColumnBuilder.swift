import Files
import Tensors

/// The values of a column, as they come record by record.
struct ColumnBuilder {
    let column: TableColumn
    private var floats: [Float] = []
    private var integers: [Int32] = []

    /// Of classes: the number of each text, in the order in which they came, or were named.
    private var numbers: [String: Int32] = [:]

    /// How many values the first record has.
    private var width: Int?
    private var count = 0

    init(_ column: TableColumn) {
        self.column = column
        if case .classes(let named?) = column.kind {
            for (index, name) in named.enumerated() { numbers[name] = Int32(index) }
        }
    }

    /// Adds the fields of a record.
    mutating func add(_ fields: [FieldValue]) throws(FieldProblem) {
        count += 1
        switch column.kind {
        case .numbers(let missing): try addNumbers(fields, missing)
        case .integers: try addIntegers(fields)
        case .classes(let named): try addClass(fields[0].text(column.fields[0]), among: named)
        case .sequence(let length, let padding, let isText, let cutsLonger):
            var values = try Self.elements(of: fields[0], column.fields[0], isText: isText)
            guard values.count <= length || cutsLonger else {
                throw FieldProblem(
                    words:
                        "has \(values.count) elements in '\(column.fields[0].visible)', of which \(length) are allowed")
            }
            values = Array(values.prefix(length))
            integers += values + Array(repeating: padding, count: length - values.count)
        case .length(let isText, let limit):
            let values = try Self.elements(of: fields[0], column.fields[0], isText: isText)
            integers.append(Int32(clamping: min(values.count, limit ?? values.count)))
        }
    }

    private mutating func addNumbers(_ fields: [FieldValue], _ missing: Float?) throws(FieldProblem) {
        let start = floats.count
        for (field, name) in zip(fields, column.fields) {
            for value in Self.flat(field, isScalar: column.isScalar) {
                guard value.isMissing, let missing else {
                    let number = Float(try value.number(name))
                    guard number.isFinite else {
                        throw FieldProblem(words: "has \(value.words) in '\(name.visible)', which no float32 holds")
                    }
                    floats.append(number)
                    continue
                }
                floats.append(missing)
            }
        }
        try checkWidth(floats.count - start)
    }

    private mutating func addIntegers(_ fields: [FieldValue]) throws(FieldProblem) {
        let start = integers.count
        for (field, name) in zip(fields, column.fields) {
            for value in Self.flat(field, isScalar: column.isScalar) { integers.append(try value.integer(name)) }
        }
        try checkWidth(integers.count - start)
    }

    private mutating func addClass(_ text: String, among named: [String]?) throws(FieldProblem) {
        if let known = numbers[text] { return integers.append(known) }
        guard named == nil else {
            throw FieldProblem(
                words: "has '\(String(text.prefix(40)).visible)' in '\(column.fields[0].visible)', which is none of "
                    + "the \(numbers.count) classes")
        }
        let number = Int32(numbers.count)
        numbers[text] = number
        integers.append(number)
    }

    private mutating func checkWidth(_ found: Int) throws(FieldProblem) {
        guard let width else { return width = found }
        guard width == found else {
            throw FieldProblem(
                words: "has \(found) values for '\(column.name.visible)', where the first record has \(width)")
        }
    }

    /// The values of a field, those of arrays in arrays one after the other.
    private static func flat(_ field: FieldValue, isScalar: Bool) -> [FieldValue] {
        guard !isScalar, case .list(let values) = field else { return [field] }
        return values.flatMap { flat($0, isScalar: false) }
    }

    private static func elements(of field: FieldValue, _ name: String, isText: Bool) throws(FieldProblem) -> [Int32] {
        if isText { return try field.text(name).utf8.map { Int32($0) } }
        guard case .list(let values) = field else {
            throw FieldProblem(
                words: "has \(field.words) in '\(name.visible)', where an array of whole numbers must stand")
        }
        var result: [Int32] = []
        for value in values { result.append(try value.integer(name)) }
        return result
    }

    /// The texts of the classes, by number.
    var classes: [String] {
        guard case .classes(let named) = column.kind else { return [] }
        return named ?? numbers.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// All values.
    func finish() -> Tensor {
        let dimensions = column.isScalar ? [] : [width ?? sequenceLength]
        let shape = Shape([count] + dimensions)
        switch column.kind {
        case .numbers: return Tensor(floats, shape: shape)
        case .classes(nil):
            // In the order of the texts, whatever the order of the records.
            var places = [Int32](repeating: 0, count: numbers.count)
            for (place, text) in classes.enumerated() { places[Int(numbers[text] ?? 0)] = Int32(place) }
            return Tensor(integers.map { places[Int($0)] }, shape: shape)
        default: return Tensor(integers, shape: shape)
        }
    }

    private var sequenceLength: Int {
        if case .sequence(let length, _, _, _) = column.kind { return length }
        return column.fields.count
    }
}
