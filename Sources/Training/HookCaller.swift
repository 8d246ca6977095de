import Collectives
import Execution
import Files
import Graphs
import Watching

extension Error {
    /// Whether all ranks throw it together.
    package var isCommon: Bool { self is RankFailure || self is CommonFailure || self is NonFiniteError }
}

/// Calls hooks on one rank and agrees with the others on how to go on.
///
/// A hook that throws on one rank must not leave the others waiting in the next reduction: the error is kept, this
/// rank goes on without calling hooks, and at the next agreement all ranks throw it together.
final class HookCaller {
    private let callbacks: CallbackList
    private let context: RunContext
    private let profile: Profile?
    private var failure: (any Error)?

    init(_ callbacks: CallbackList, context: RunContext) {
        self.callbacks = callbacks
        self.context = context
        profile = context.profile
    }

    /// Calls a hook of every callback, in order.
    func call(_ hook: CallbackHook) throws {
        let whereabouts = context.whereabouts
        defer { whereabouts.turn(to: .loop) }
        try attempt {
            try callbacks.call { callback in
                whereabouts.turn(to: .hook(hook.name, of: type(of: callback)))
                try profile.measure(ProfileLabel(.callback, "\(type(of: callback))", detail: hook.name)) {
                    try hook.method(callback)(context)
                }
            }
        }
    }

    /// Runs something that may fail on this rank alone. In a world of one it throws at once.
    func attempt(_ body: () throws -> Void) throws {
        guard failure == nil else { return }
        do {
            try body()
        } catch let error where error.isCommon || error is CollectiveError {
            // All ranks throw this one together, or there is no talking to them any more.
            throw error
        } catch {
            guard context.world.size > 1 else { throw error }
            failure = error
        }
    }

    /// Joins the marks of all ranks: throws if any failed, and notes a stop that any asked for.
    func agree(endingStep isStep: Bool = false) throws {
        if Mutant.failureUnheard.isPlanted, context.world.rank > 0 { failure = nil }
        _ = try profile.measure(ProfileLabel(.collective, "stop agreement")) {
            try context.agree(failure, endingStep: isStep)
        }
        context.whereabouts.beat()
    }
}
