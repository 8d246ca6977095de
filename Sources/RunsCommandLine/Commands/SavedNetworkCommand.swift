/// A command that loads a network that a run has saved, by the options of ``RunOptions`` and ``SavedNetworkOptions``, or by an
/// option `--from` that names a manifest.
///
/// Options of the program that it takes too, and that are not given, have the values that the saved run had: the sizes of a
/// network need not be said again.
public protocol SavedNetworkCommand: RankCommand {
    /// The name of the task whose network it loads; nil for a command that takes that of any of the program's tasks.
    static var taskName: String? { get }
}

extension SavedNetworkCommand {
    /// The newest network that a run has left when it ended.
    public static var taskName: String? { nil }
}
