import Lockstep

extension Communicator {
    /// Runs `body` on every rank; if it throws on any of them, all throw. What all of them throw with the same words is
    /// thrown as it is, as after a mistake in the command line: it is no rank's failure.
    ///
    /// - Parameter words: What an error says.
    func alike<Result>(
        saying words: (any Error) -> String = { "\($0)" }, _ body: () throws -> Result
    ) throws -> Result {
        let outcome = Swift.Result { try body() }
        var text: String?
        if case .failure(let error) = outcome {
            // Nobody can be asked any more.
            if let error = error as? CollectiveError { throw error }
            text = words(error)
        }
        let mark: [UInt8] = text.map { [1] + Array($0.utf8) } ?? [0]
        if size > 1, try firstDifference(mark) != nil { try throwIfAnyFailed(text.map(Failure.init)) }
        return try outcome.get()
    }
}

/// What failed on this rank, in words.
private struct Failure: Error, CustomStringConvertible {
    let description: String
}
