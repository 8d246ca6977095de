import Collectives

/// Calls hooks on one rank and agrees with the others on how to go on.
///
/// A hook that throws on one rank must not leave the others waiting in the next reduction: the error is kept, this
/// rank goes on without calling hooks, and at the next agreement all ranks throw it together.
final class HookCaller {
    private let callbacks: CallbackList
    private let context: RunContext
    private let agreement: StopAgreement
    private var failure: (any Error)?

    init(_ callbacks: CallbackList, context: RunContext, agreement: StopAgreement) {
        self.callbacks = callbacks
        self.context = context
        self.agreement = agreement
    }

    /// Calls a hook of every callback, in order.
    func call(_ hook: (Callback) -> (RunContext) throws -> Void) throws {
        try attempt { try callbacks.call { try hook($0)(context) } }
    }

    /// Runs something that may fail on this rank alone. In a world of one it throws at once.
    func attempt(_ body: () throws -> Void) throws {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            guard context.world.size > 1 else { throw error }
            failure = error
        }
    }

    /// Joins the marks of all ranks: throws if any failed, and notes a stop that any asked for.
    func agree() throws {
        switch try agreement.join(context.request, failed: failure != nil) {
        case .goOn: break
        case .stop(let stop): context.agreedStop = stop
        case .fail(let rank): throw try context.world.broadcastFailure(failure, from: rank)
        }
    }
}
