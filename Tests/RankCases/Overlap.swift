import Collectives
import Memory

/// Reductions on the world and on groups run at once beside arithmetic, and end in another order on each rank.
func overlap(on world: any Communicator, arguments: [String]) throws {
    let count = 1_000
    let group = try world.split(color: world.rank % 2, key: 0, name: "half")
    let communicators = [world, group, world, group]
    let slices = communicators.map { _ in Slice<Double>(zeros: count) }
    let requests = zip(communicators, slices).map { $0.allReduceRequest(over: $1, with: .sum) }

    for round in 1...5 {
        for (slice, request) in zip(slices, requests) {
            fill(slice, with: Double(round * (world.rank + 1)))
            try request.start()
        }
        try require(busyWork() == 499_500, "arithmetic beside reductions went wrong")
        // Waiting goes by rank: an implementation that runs a reduction only while it is waited for would hang here.
        for index in requests.indices { try requests[(index + world.rank) % requests.count].wait() }
        for (communicator, slice) in zip(communicators, slices) {
            let ranks = (0..<world.size).filter { communicator === world || $0 % 2 == world.rank % 2 }
            let expected = Double(round * ranks.reduce(0) { $0 + $1 + 1 })
            try expect(slice, expected, "round \(round) on \(communicator.name)")
        }
    }
    try dropWhilePending(on: world)
}

/// A request that goes away is waited for first, so the memory holds the result.
private func dropWhilePending(on world: any Communicator) throws {
    let values = Slice<Double>(zeros: 100)
    fill(values, with: Double(world.rank))
    do { try world.allReduceRequest(over: values, with: .maximum).start() }
    try expect(values, Double(world.size - 1), "dropped request")
}

private func busyWork() -> Int {
    (0..<1_000).reduce(0, +)
}

private func fill(_ values: Slice<Double>, with value: Double) {
    var span = values.mutableSpan
    for index in span.indices { span[index] = value }
}

private func expect(_ values: Slice<Double>, _ expected: Double, _ place: String) throws {
    for index in values.span.indices {
        let found = values.span[index]
        try require(found == expected, "\(place): element \(index) is \(found), expected \(expected)")
    }
}
