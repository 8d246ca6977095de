import Lockstep

/// Checkpoint code of somebody's own: each rank writes a line into a file of its own, and rank 0 says which lines count.
struct TextStore {
    let files: any FileSystem
    let folder: FilePath

    /// Replaces the lines of all ranks in one step: who looks finds the old ones or the new.
    func save(_ line: String, version: Int, over world: any Communicator) throws {
        try world.together {
            try files.createDirectory(folder)
            // Or the folder itself would be gone with the power.
            try files.synchronizeDirectory(folder.removingLastComponent())
            try write(line, to: "\(version).\(world.rank)")
            try files.synchronizeDirectory(folder)
        }
        // Only now does every rank's line stand on the disk. A rank that failed above has told all.
        try world.together {
            if world.rank == 0 {
                try files.replaceContents(of: folder.appending("newest"), with: text("\(version)/\(world.size)"))
            }
        }
    }

    /// The lines of all ranks; nil if none were saved.
    func load() throws -> [String]? {
        guard try files.status(of: folder.appending("newest")) != nil else { return nil }
        let words = try read("newest").split(separator: "/")
        return try (0..<(Int(words[1]) ?? 0)).map { try read("\(words[0]).\($0)") }
    }

    private func write(_ line: String, to name: String) throws {
        let file = try files.create(folder.appending(name))
        try file.write(text(line).span.bytes)
        try file.synchronize()
        try file.close()
    }

    private func read(_ name: String) throws -> String {
        String(decoding: try files.contents(of: folder.appending(name), limit: 1000), as: UTF8.self)
    }

    private func text(_ line: String) -> [UInt8] { Array(line.utf8) }
}
