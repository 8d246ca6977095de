import ArgumentParser
import Lockstep

extension RunFailure {
    /// Runs `body`; what goes wrong in it ends the program with `status`, unless it tells its own, or the ranks cannot
    /// reach each other any more.
    static func ending<Result>(with status: ExitStatus, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error
            where error is CollectiveError || error is RunFailure || error is ValidationError
            || error is NonFiniteError
        {
            throw error
        } catch {
            throw RunFailure(error, status)
        }
    }
}
