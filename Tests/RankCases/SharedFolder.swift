import Collectives
import Foundation
import SystemPackage

/// A temporary folder that all ranks use.
final class SharedFolder {
    let path: FilePath
    private let isOwner: Bool

    init(of world: any Communicator) throws {
        isOwner = world.rank == 0
        let parent = FilePath(NSTemporaryDirectory())
        path = try FilePath(world.broadcast(parent.appending("ranks-\(UUID().uuidString)").string, from: 0))
        try world.together {
            guard isOwner else { return }
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        }
    }

    deinit {
        if isOwner { try? FileManager.default.removeItem(atPath: path.string) }
    }
}
