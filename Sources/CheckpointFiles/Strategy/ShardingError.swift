public import Layouts
public import SystemPackage

/// Why slices cannot be put together.
public enum ShardingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A strategy file is not what it must be.
    case strategy(path: FilePath, problem: String)

    /// A strategy lays out a parameter as no mesh can.
    case layout(parameter: String, LayoutError)

    /// A strategy cuts a parameter in a way that this version does not know.
    case unknownCut(parameter: String, field: String)

    /// The slices of a parameter are not all of one type.
    case slicesDiffer(parameter: String, path: FilePath)

    /// No file holds a slice of a parameter.
    case sliceMissing(parameter: String, ranks: [Int])

    /// No file holds the parameter.
    case missing(parameter: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .strategy(let path, let problem): "\(path) is no strategy file that can be read: \(problem)"
        case .layout(let parameter, let error): "the layout of \(parameter) is wrong: \(error)"
        case .unknownCut(let parameter, let field):
            "\(parameter) is cut as its \(field) in the strategy says, which this version cannot read"
        case .slicesDiffer(let parameter, let path): "the slice of \(parameter) in \(path) is of another type"
        case .sliceMissing(let parameter, let ranks):
            "none of the ranks \(ranks) that should hold a slice of \(parameter) has it"
        case .missing(let parameter): "there is no parameter \(parameter)"
        }
    }
}
