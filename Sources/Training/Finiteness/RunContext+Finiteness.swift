import Collectives
import Networks

extension RunContext {
    /// Looks at the state before it is saved, all ranks together, and returns what is wrong with it on any of them; nil
    /// if nothing is.
    ///
    /// Throws on all ranks if that ends the run.
    package func agreeOnFiniteState() throws -> String? {
        finiteness.lookAtState(afterStep: position.step)
        // The lowest rank that found something tells what.
        let isFound = finiteness.finding != nil
        let teller = try meet(bringing: isFound ? Int64(world.size - world.rank) : 0)
        guard teller > 0 else { return nil }
        return try world.broadcast(finiteness.finding ?? "", from: world.size - Int(teller))
    }

    /// What rank `rank` found, on all ranks.
    func nonFiniteError(from rank: Int) throws -> NonFiniteError {
        let finding = try world.broadcast(finiteness.failure ?? "", from: rank)
        finiteness.settle()
        return NonFiniteError(finding: finding)
    }
}
