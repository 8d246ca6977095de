/// The version of Lockstep, written down here alone: `--version` prints it, and every manifest records it.
///
/// A release gives it a new number and CHANGELOG.md a section of that name, which a test compares.
public enum LockstepVersion {
    /// The version, as in a tag without its "v".
    public static let current = "0.1.0"
}
