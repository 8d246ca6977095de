import Collectives
import Foundation

/// Rank 0 never makes the call that the others wait in, to see that whoever runs it notices.
func hang(on world: any Communicator, arguments: [String]) throws {
    print("rank \(world.rank) hangs")
    fflush(nil)
    if world.rank > 0 { try world.barrier() }
    while true { sleep(1) }
}
