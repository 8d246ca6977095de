import ArgumentParser
public import Lockstep

/// An error that ends the program with a status of its own.
public struct FailureWithStatus: Error, CustomStringConvertible {
    /// How the program ends.
    public let status: ExitStatus

    /// What went wrong, in words.
    public let description: String

    /// Takes over what another error says.
    public init(_ error: any Error, _ status: ExitStatus) {
        description = "\(error)"
        self.status = status
    }

    /// Runs `body`; what goes wrong in it ends the program with `status`, unless it tells its own, or the ranks cannot
    /// reach each other any more.
    static func ending<Result>(with status: ExitStatus, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error
            where error is CollectiveError || error is FailureWithStatus || error is ValidationError
            || error is NonFiniteError
        {
            throw error
        } catch {
            throw FailureWithStatus(error, status)
        }
    }
}
