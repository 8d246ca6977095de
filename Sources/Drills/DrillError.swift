/// A drill that cannot be read or cannot happen.
public enum DrillError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A text without a drill.
    case nothing
    /// Not of the form "what@who:when".
    case form(String)
    /// The first part is nothing that can be done.
    case action(String, in: String)
    /// The second part is no rank.
    case target(String, in: String)
    /// A later part is no moment.
    case moment(String, in: String)
    /// The parts do not go together, for a reason.
    case impossible(String, String)
    /// The world has no such rank.
    case rank(Drill, ranks: Int)

    /// One sentence that names the part and what may stand there.
    public var description: String {
        switch self {
        case .nothing: "there is no drill in the text; write some, as in sigterm@rank3:step17"
        case .form(let drill): "\"\(drill)\" is no drill; write what@who:when, as in sigterm@rank3:step17"
        case .action(let word, let drill):
            "\"\(word)\" in \"\(drill)\" cannot be done; choose among \(Drill.Action.names.joined(separator: ", "))"
        case .target(let word, let drill):
            "\"\(word)\" in \"\(drill)\" is nobody; write rank and its number, as in rank3, or launcher"
        case .moment(let word, let drill):
            "\"\(word)\" in \"\(drill)\" is no moment; choose among startup, load, step17, laststep, everystep, eval, "
                + "eval2, epoch1, save, save2, save:op5 and stopping, or a duration such as 200ms or 3s"
        case .impossible(let drill, let reason): "\"\(drill)\" cannot happen: \(reason)"
        case .rank(let drill, let ranks):
            "\"\(drill)\" is for rank \(drill.rank), and the ranks are 0 to \(ranks - 1)"
        }
    }
}
