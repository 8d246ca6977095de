/// What must always hold, and did not.
public struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    /// What must hold.
    public enum Rule: String, Sendable, CaseIterable {
        case aWholeSetStays = "once a set is published, it or a later one is whole on stable storage"
        case nobodyWaitsForEver = "nobody waits for somebody who has left"
        case allStopTogether = "all ranks stop after the same step"
        case allEndAlike = "all ranks end with the same code, one that is documented"
        case requestsAreHeard = "a request stops the run in which it is made"
        case requestsAreAnsweredOnce = "a request is answered once"
        case deadlinesAreKept = "a run leaves the time to save before its deadline"
        case scheduleIsKept = "a run that ends with 0 has made every set of its schedule"
        case stopsAreSaved = "a run that ends with 0 has saved where it stopped"
        case theNewestIsCarriedOn = "a run carries on from the newest set"
        case bitsAreTheSame = "a run carried on ends with the bits of one that nobody disturbed"
        case retentionHolds = "as many sets stay as are to stay, and the newest is among them"
        case nothingIsLeft = "nothing temporary is left after a clean end"
        case keysHide = "with a key, no plain byte of a parameter reaches the disk"
        case own = "what was to hold besides"
        case runsEnd = "a run that is started again comes to its end"
    }

    /// Which rule.
    public let rule: Rule

    /// What was seen.
    public let found: String

    /// One sentence.
    public var description: String { "\(rule.rawValue): \(found)" }
}
