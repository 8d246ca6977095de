import Files
import SystemPackage

@testable import Checkpoints

func readManifest(_ bytes: [UInt8]) throws {
    let manifest = try Manifest(json: bytes, path: "x.manifest.json")
    do {
        let again = try Manifest(json: manifest.json, path: "x.manifest.json")
        require(again == manifest, "a manifest changes")
    } catch {
        require(false, "what was written cannot be read: \(error)")
    }
    if case .proven = Manifest.authenticity(of: bytes, key: key) { require(false, "what nobody wrote is authentic") }
    for rank in 0..<min(manifest.worldSize, 4) { _ = try? manifest.stateFile(for: rank) }
    if let saved = try? manifest.savedParameters() {
        for parameter in saved.values { _ = (parameter.sharding.shards.count, parameter.sliceType) }
    }
    try useAsSet(manifest, bytes)
}

/// What is done with the sets of a directory: listed, ordered, and removed.
private func useAsSet(_ manifest: Manifest, _ bytes: [UInt8]) throws {
    let directory = CheckpointDirectory(Walls.folder, fileSystem: try Walls(["\(manifest.name).manifest.json": bytes]))
    let listing = try directory.list()
    require(listing.manifests == [manifest], "a set is not listed: \(listing.unreadable)")
    _ = try directory.entries()
    _ = try? directory.remove(manifest)
}

/// What an interrupted removal has left is removed without touching anything outside the directory.
func readTombstone(_ bytes: [UInt8]) throws {
    let files = try Walls([".x.7-1f.removed": bytes, "rank_0/x.ckpt": [1, 2, 3]])
    let directory = CheckpointDirectory(Walls.folder, fileSystem: files)
    _ = directory.removeLeftovers()
    _ = try Manifest(json: bytes, path: ".x.7-1f.removed")
}
