/// A lock that is held until this is let go of, or its process ends.
public protocol HeldLock: AnyObject, Sendable {
    /// Leaves a line for people who find it held.
    func note(_ line: String) throws(FileError)
}

/// What came of asking for a lock.
public enum LockOutcome: Sendable {
    /// It is held until this value is let go of.
    case taken(any HeldLock)
    /// Somebody else has it; in words, as far as they are known.
    case held(by: String?)
}
