import CheckpointsTestKit
import Collectives
import Files
import Runs
import SystemPackage
import Training

/// One file operation of the last rank fails, each in turn from the first of a run to the last: every time all ranks
/// throw the same or none throws.
func publishFailure(on world: any Communicator, arguments: [String]) throws {
    let folder = try SharedFolder(of: world)
    let isFaulty = world.rank == world.size - 1
    var failures = 0
    var position = 0
    while true {
        position += 1
        let files = FaultyFileSystem(LocalFileSystem(), .fails(.noSpace), at: isFaulty ? position : 0)
        let callback = try OnRequestExit(
            directory: folder.path.appending("\(position)").string, signals: [], savesCompleted: true, files: files)
        let outcome = Result { try SmallTraining(on: world).run(callback) }
        // Nobody waits for anybody else here, or this call would never return.
        let differing = try world.firstDifference(Array("\(outcome)".utf8))
        try require(differing == nil, "ranks disagree on operation \(position), \(files.faultyOperation ?? "")")
        if case .failure(let error) = outcome {
            failures += 1
            try require((error as? RankFailure)?.rank == world.size - 1, "operation \(position): \(error)")
        }
        guard try world.allReduce(Int32(files.faultyOperation == nil ? 0 : 1), with: .maximum) == 1 else { break }
    }
    try require(failures > 5, "of \(position) operations only \(failures) mattered")
}
