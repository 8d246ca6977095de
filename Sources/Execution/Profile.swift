public import Files
import Graphs
import Memory
import Synchronization

/// What one rank did when, in the first steps of a run.
///
/// Give one to a ``CPUBackend`` and the programs on it, and the training around them, record into it. Without one a
/// program asks once a run whether it has one, and nothing else.
///
/// ```swift
/// let profile = Profile(stepLimit: 20)
/// let backend = CPUBackend(threads: 1, profile: profile)
/// try world.barrier()  // so that the ranks' times begin alike
/// profile.begin()
/// ```
public final class Profile: Sendable {
    /// How many steps are recorded.
    public let stepLimit: Int

    private let surroundings: any Surroundings
    private let state = Mutex(State())

    private struct State {
        var beginning: ContinuousClock.Instant?
        var steps = 0
        var spans: [ProfileSpan] = []
    }

    /// Makes an empty profile, of a rank with these surroundings, that records nothing before ``begin()``.
    public init(stepLimit: Int, in surroundings: any Surroundings = .system) {
        insist(stepLimit >= 1, "a profile needs at least one step, not \(stepLimit)")
        self.stepLimit = stepLimit
        self.surroundings = surroundings
    }

    /// Begins to record; this is time 0 of all spans.
    public func begin() {
        state.withLock { $0.beginning = now }
    }

    /// The time by which spans begin and end.
    var now: ContinuousClock.Instant { surroundings.now }

    /// Whether spans are recorded: from the beginning to the end of the last step that is wanted.
    public var isRecording: Bool {
        state.withLock { $0.beginning != nil && $0.steps < stepLimit }
    }

    /// Counts a step; after the last one that is wanted nothing more is recorded.
    public func endStep() {
        state.withLock { $0.steps += 1 }
    }

    /// Records something that ends now.
    public func record(
        _ label: ProfileLabel, on track: ProfileTrack = .training, from start: ContinuousClock.Instant
    ) {
        let end = now
        state.withLock { state in
            guard let beginning = state.beginning, start >= beginning else { return }
            state.spans.append(
                ProfileSpan(label: label, track: track, start: start - beginning, duration: end - start))
        }
    }

    /// What was recorded, in the order in which it ended.
    public var spans: [ProfileSpan] { state.withLock { $0.spans } }
}

extension Profile? {
    /// Runs `body`; a profile that is there, and recording, records how long it took.
    public func measure<Result, Failure: Error>(
        _ label: @autoclosure () -> ProfileLabel, on track: ProfileTrack = .training,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let self, self.isRecording else { return try body() }
        let start = self.now
        let result = try body()
        self.record(label(), on: track, from: start)
        return result
    }
}

/// Something that began and ended.
public struct ProfileSpan: Sendable {
    /// What it is.
    public let label: ProfileLabel

    /// What it ran beside.
    public let track: ProfileTrack

    /// When it began, counted from ``Profile/begin()``.
    public let start: Duration

    /// How long it took.
    public let duration: Duration

    /// When it ended.
    public var end: Duration { start + duration }
}

/// What runs one after the other; spans of one track are nested or apart.
public enum ProfileTrack: Int, Sendable, CaseIterable {
    /// The training loop: what a rank computes and waits for.
    case training
    /// Reductions under way, from their start to when they are known to have ended.
    case network
    /// Files being written while the training goes on.
    case files
}

/// What a span is.
public struct ProfileLabel: Sendable, Equatable {
    /// The kinds of things that take time.
    public enum Kind: String, Sendable, CaseIterable {
        case step, operation, collective, callback, data, save
    }

    /// Its kind.
    public let kind: Kind

    /// What it is called, such as "matrixMultiply".
    public let name: String

    /// More about it, such as the shapes of an operation.
    public let detail: String

    /// Where in the network it is, such as "GPT.GPTBlock".
    public let scope: String

    /// The floating-point operations of it; nil if they say nothing about its speed.
    public let operationCount: Double?

    /// Describes something.
    public init(
        _ kind: Kind, _ name: String, detail: String = "", scope: String = "", operationCount: Double? = nil
    ) {
        self.kind = kind
        self.name = name
        self.detail = detail
        self.scope = scope
        self.operationCount = operationCount
    }
}
