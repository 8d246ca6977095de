import Files

/// What an ``OnRequestExit`` cannot be made with.
public enum OnRequestExitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A name that its files cannot begin with.
    case badFileName(String)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badFileName(let name): "fileName is \(FileNameStart.described(name))"
        }
    }
}
