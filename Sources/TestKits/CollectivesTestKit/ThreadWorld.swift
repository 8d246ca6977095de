public import Collectives
import Foundation
import Synchronization

/// A world whose ranks are threads of this process, for tests.
///
/// It keeps every promise of `Communicator`, combines values in the order of ranks, and never hangs: a rank that fails
/// or returns while others need it, calls that do not match, and ranks that all wait for each other make every pending
/// and later call on every rank throw a `CollectiveError` that says which rank it was.
public enum ThreadWorld {
    /// Runs `body` on as many threads as there are ranks and returns their results in the order of ranks.
    ///
    /// If ranks throw, the error of the one that threw first is thrown here, when all have ended.
    public static func run<Value: Sendable>(
        ranks: Int, body: @escaping @Sendable (any Communicator) throws -> Value
    ) throws -> [Value] {
        let (results, firstToFail) = start(ranks: ranks, body: body)
        if let firstToFail { _ = try results[firstToFail].get() }
        return try results.map { try $0.get() }
    }

    /// Runs `body` on as many threads as there are ranks and returns what each returned or threw.
    public static func runCollecting<Value: Sendable>(
        ranks: Int, body: @escaping @Sendable (any Communicator) throws -> Value
    ) -> [Result<Value, any Error>] {
        start(ranks: ranks, body: body).results
    }

    // Threads of their own, because a rank blocks while it waits, which the pool of Swift concurrency does not allow.
    private static func start<Value: Sendable>(
        ranks: Int, body: @escaping @Sendable (any Communicator) throws -> Value
    ) -> (results: [Result<Value, any Error>], firstToFail: Int?) {
        precondition(ranks > 0, "a world cannot have \(ranks) ranks")
        let exchange = ThreadExchange(ranks: ranks)
        let outcomes = Outcomes<Value>()
        let running = DispatchGroup()
        for rank in 0..<ranks {
            running.enter()
            let thread = Thread {
                let world = ThreadCommunicator(on: exchange, group: "world", members: Array(0..<ranks), rank: rank)
                let outcome = Result { try body(world) }
                outcomes.byRank.withLock { $0[rank] = outcome }
                exchange.leave(rank, with: outcome)
                running.leave()
            }
            thread.stackSize = stackSize
            thread.start()
        }
        running.wait()
        let results = outcomes.byRank.withLock { outcomes in (0..<ranks).compactMap { outcomes[$0] } }
        return (results, exchange.firstToFail)
    }

    /// What a main thread has on Linux, so that code which runs there runs here.
    private static let stackSize = 8 << 20
}

private final class Outcomes<Value: Sendable>: Sendable {
    let byRank = Mutex<[Int: Result<Value, any Error>]>([:])
}
