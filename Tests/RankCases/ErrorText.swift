import Collectives
import OpenMPI

/// Errors of MPI come back as errors that name call, rank, group and MPI's text, and the group works afterwards.
func errorText(on world: any Communicator, arguments: [String]) throws {
    let group = try world.split(color: world.rank % 2, key: 0, name: "half")
    for communicator in [world, group] {
        try requireError(on: communicator, "MPI_Bcast", "MPI_ERR_ROOT") { () throws(CollectiveError) in
            var values: [Float] = [1]
            var span = values.mutableSpan
            try communicator.broadcast(&span, from: communicator.size)
        }
        try requireError(on: communicator, "MPI_Reduce", "MPI_ERR_ROOT") { () throws(CollectiveError) in
            var values: [Int32] = [1]
            var span = values.mutableSpan
            try communicator.reduce(&span, with: .sum, to: -1)
        }
        try requireWrongLengthsToFail(on: communicator)
        try communicator.barrier()
    }
    try requireOneStartOnly()
}

/// Rank 0 sends three elements; rank 1 has room for two, then for four.
private func requireWrongLengthsToFail(on communicator: any Communicator) throws {
    guard communicator.size > 1, communicator.rank < 2 else { return }
    for (room, text) in [(2, "MPI_ERR_TRUNCATE"), (4, "rank 0 sent 3 elements where 4 were expected")] {
        if communicator.rank == 0 {
            try communicator.send([1, 2, 3 as Double].span, to: 1, tag: room)
            continue
        }
        try requireError(on: communicator, "MPI_Recv", text) { () throws(CollectiveError) in
            var values = [Double](repeating: 0, count: room)
            var span = values.mutableSpan
            try communicator.receive(&span, from: 0, tag: room)
        }
    }
}

private func requireOneStartOnly() throws {
    do throws(MPIStartError) {
        _ = try MPIEnvironment()
    } catch {
        return try require(error == .alreadyInitialized, "a second start of MPI failed with: \(error)")
    }
    throw CaseFailure(description: "MPI could be started twice")
}

private func requireError(
    on communicator: any Communicator, _ call: String, _ text: String, _ body: () throws(CollectiveError) -> Void
) throws {
    do throws(CollectiveError) {
        try body()
    } catch {
        try require(error.call == call, "the error names \(error.call), expected \(call)")
        try require(error.rank == communicator.rank, "the error names rank \(error.rank)")
        try require(error.communicator == communicator.name, "the error names group \(error.communicator)")
        try require(error.reason.contains(text), "the error says '\(error.reason)', expected '\(text)'")
        return
    }
    throw CaseFailure(description: "\(call) on \(communicator.name) did not fail, expected \(text)")
}
