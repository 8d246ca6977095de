import Files
import Memory

/// A column of a dataset, made of fields of a table or of the objects of a JSON lines file.
///
/// ```swift
/// let flowers = try CSVDataset.load(
///     contentsOf: "iris.csv",
///     columns: [.numbers("sizes", from: ["length", "width"]), .classes("kind")])
/// ```
public struct TableColumn: Sendable {
    enum Kind: Sendable {
        case numbers(missing: Float?)
        case integers
        case classes(among: [String]?)
        case sequence(length: Int, padding: Int32, isText: Bool, cutsLonger: Bool)
        case length(isText: Bool, limit: Int?)
    }

    /// What the dataset calls it.
    public let name: String

    /// The fields that it is made of.
    public let fields: [String]

    let kind: Kind

    /// Whether a sample has a single value and no dimension.
    let isScalar: Bool

    private init(_ name: String, _ fields: [String], _ kind: Kind, isScalar: Bool) {
        self.name = name
        self.fields = fields
        self.kind = kind
        self.isScalar = isScalar
    }

    private init(
        _ name: String, _ field: String?, length: Int, padding: Int32, isText: Bool, cutsLonger: Bool
    ) {
        insist(length > 0, "the column '\(name)' cannot have \(length) elements; it has 1 or more")
        let kind = Kind.sequence(length: length, padding: padding, isText: isText, cutsLonger: cutsLonger)
        self.init(name, [field ?? name], kind, isScalar: false)
    }

    /// Fields as float32 [count]; in JSON a field may hold an array of numbers, of the same length everywhere. `missing` stands
    /// for a field that is empty or null, which is refused otherwise.
    public static func numbers(_ name: String, from fields: [String], missing: Float? = nil) -> TableColumn {
        TableColumn(name, fields, .numbers(missing: missing), isScalar: false)
    }

    /// One field as float32 [].
    public static func number(_ name: String, from field: String? = nil, missing: Float? = nil) -> TableColumn {
        TableColumn(name, [field ?? name], .numbers(missing: missing), isScalar: true)
    }

    /// Fields as int32 [count].
    public static func integers(_ name: String, from fields: [String]) -> TableColumn {
        TableColumn(name, fields, .integers, isScalar: false)
    }

    /// One field as int32 [].
    public static func integer(_ name: String, from field: String? = nil) -> TableColumn {
        TableColumn(name, [field ?? name], .integers, isScalar: true)
    }

    /// A field whose texts are classes, as int32 []: the place of its text in `classes`, or among all texts of the column in
    /// the order of their bytes. Name the classes where a file for training and one for tests must agree.
    public static func classes(_ name: String, from field: String? = nil, among classes: [String]? = nil) -> TableColumn
    {
        TableColumn(name, [field ?? name], .classes(among: classes), isScalar: true)
    }

    /// A field of JSON that holds whole numbers in an array of any length up to `length`, as int32 [length]: what is shorter is
    /// filled up with `padding`. Longer ones are refused, or cut.
    public static func sequence(
        _ name: String, from field: String? = nil, length: Int, padding: Int32 = 0, cutsLonger: Bool = false
    ) -> TableColumn {
        TableColumn(name, field, length: length, padding: padding, isText: false, cutsLonger: cutsLonger)
    }

    /// A field with a text, as int32 [length]: its bytes in UTF-8, filled up with `padding`. Longer texts are refused, or cut.
    public static func text(
        _ name: String, from field: String? = nil, length: Int, padding: Int32 = 0, cutsLonger: Bool = false
    ) -> TableColumn {
        TableColumn(name, field, length: length, padding: padding, isText: true, cutsLonger: cutsLonger)
    }

    /// How many numbers there are in the array of a field, or bytes in its text, as int32 []; of what is cut at `limit`, that.
    public static func length(
        _ name: String, ofField field: String, isText: Bool = false, limit: Int? = nil
    ) -> TableColumn {
        insist((limit ?? 1) > 0, "the column '\(name)' cannot be cut at \(limit ?? 0) elements; it has 1 or more")
        return TableColumn(name, [field], .length(isText: isText, limit: limit), isScalar: true)
    }
}

/// What stands in a field.
enum FieldValue: Equatable {
    case nothing
    case text(String)
    case number(Double)
    case list([FieldValue])
    /// What no column takes: what it is, in words.
    case other(String)

    /// It for messages.
    var words: String {
        switch self {
        case .nothing: "nothing"
        case .text(let text): "'\(String(text.prefix(40)).visible)'"
        case .number(let number): "\(number)"
        case .list(let values): "an array of \(values.count)"
        case .other(let words): words
        }
    }
}

/// Why a field cannot be taken, to follow the place where it stands.
struct FieldProblem: Error {
    let words: String
}
