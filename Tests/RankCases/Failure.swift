import Collectives

/// The last rank fails while the others wait for it: none may be left hanging.
func failure(on world: any Communicator, arguments: [String]) throws {
    if world.rank == world.size - 1 { throw CaseFailure(description: "this rank fails on purpose") }
    try world.barrier()
}
