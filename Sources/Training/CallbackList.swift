import Collectives

/// The callbacks of a run, called in the order of the list (MindSpore's `CallbackManager`).
struct CallbackList {
    let callbacks: [Callback]

    func call(_ hook: (Callback) throws -> Void) throws {
        for callback in callbacks { try hook(callback) }
    }

    func enter() {
        for callback in callbacks { callback.enter() }
    }

    /// Runs `body` between `enter` and `exit`; throws what it throws unless a callback deals with it, on all ranks.
    func around<Result>(in world: any Communicator, _ body: () throws -> Result) throws -> Result? {
        enter()
        do {
            let result = try body()
            _ = exit(nil)
            return result
        } catch {
            guard try isDealtWith(exit(error), error, in: world) else { throw error }
            return nil
        }
    }

    /// An error that only some ranks have dealt with would leave them alone in the next collective.
    private func isDealtWith(_ here: Bool, _ error: any Error, in world: any Communicator) throws -> Bool {
        guard world.size > 1, error.isCommon else { return here && !(error is CollectiveError) }
        return try world.allReduce(Int32(here ? 1 : 0), with: .minimum) == 1
    }

    /// Tells the callbacks in reverse order; once one has dealt with the error the others are told of none.
    private func exit(_ error: (any Error)?) -> Bool {
        var error = error
        var isDealtWith = false
        for callback in callbacks.reversed() where callback.exit(error) && error != nil {
            error = nil
            isDealtWith = true
        }
        return isDealtWith
    }
}
