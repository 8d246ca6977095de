import Checkpoints
import Collectives
import Files
import Foundation
import Layouts
import Memory
import SystemPackage
import Tensors

/// Whole tensors of 200 MB lie in slices on all ranks, split in several ways; saved by rank 0, which needs 64 MiB more for
/// that at most, they come back on another mesh, every row in its place.
func integratedSave(on world: any Communicator, arguments: [String]) throws {
    let folder = try SharedFolder(of: world)
    let directory = CheckpointDirectory(folder.path)
    let tp = min(world.size, 2)
    let mesh = try DeviceMesh(["dp": world.size / tp, "tp": tp])
    let layouts = [
        try mesh.layout(nil, "tp"), try mesh.layout("tp", nil), try mesh.layout("dp", "tp"),
        try mesh.layout(["tp", "dp"], nil),
    ]
    let parameters = try layouts.enumerated().map { try GatheredMatrix(number: $0, $1, rank: world.rank).filled() }
    let plan = SavePlan(.integrated, named: "net", parameters, mesh: mesh, world: world)
    let progress = TrainingProgress(
        epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1, finished: false)
    let set = CheckpointSet(
        name: "net", kind: .integrated, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
        parameters: plan.records)
    let before = try ProcessMemory.inUse()
    let published = try CheckpointPublisher(directory, world: world).publish(
        set, files: plan.files, gathered: plan.gathered)
    let extra = try ProcessMemory.peak() - before
    // Rank 0 writes it, and is told of it.
    let count = world.rank == 0 ? 1 : 0
    try require(published.manifest.files.count == count, "\(published.manifest.files.map(\.path)) were written")
    try require(extra <= 64 << 20, "saving took \(extra >> 20) MiB more; 64 are allowed")
    if world.rank == 0 {
        print("rank 0 took \(extra >> 20) MiB to save \(published.manifest.files[0].byteCount) bytes")
    }

    // Rows instead of columns, so that no rank reads what it wrote.
    let other = try DeviceMesh(["tp": world.size])
    let wanted = try layouts.indices.map { number in
        GatheredMatrix(number: number, try other.layout("tp", nil), rank: world.rank)
    }
    let targets = try wanted.map { try $0.empty() }
    let restored = try CheckpointRestorer(directory, world: world).restoreNewest(for: targets)
    try require(restored?.warnings == [], "\(restored?.warnings ?? ["nothing"])")
    for (matrix, target) in zip(wanted, targets) {
        let wrong = try matrix.wrongRows(in: target)
        try require(wrong == 0, "\(wrong) rows of \(target.name) are wrong on rank \(world.rank)")
    }
    try world.barrier()
}

/// A matrix in which an element is the number of its column, but at some columns that of its row, as one rank holds it.
private struct GatheredMatrix {
    private static let shape = [3072, 4096]
    /// No slice is narrower than this, so that each tells its rows.
    private static let markDistance = 1024
    let number: Int
    let layout: TensorLayout
    let rank: Int

    init(number: Int, _ layout: TensorLayout, rank: Int) {
        self.number = number
        self.layout = layout
        self.rank = rank
    }

    func empty() throws -> ShardedParameter {
        let sharding = try TensorSharding(of: Self.shape, layout)
        return ShardedParameter("matrix\(number)", sharding, local: Tensor(zeros: Shape(sharding.shardShape)))
    }

    func filled() throws -> ShardedParameter {
        let parameter = try empty()
        try forEachRow(of: parameter) { $0.copy(from: $1) }
        return parameter
    }

    func wrongRows(in parameter: ShardedParameter) throws -> Int {
        var wrong = 0
        try forEachRow(of: parameter) { row, expected in
            var found = Checksum()
            var right = Checksum()
            found.update(row.span)
            right.update(expected.span)
            if found.value != right.value { wrong += 1 }
        }
        return wrong
    }

    /// Calls `body` with the bytes of each row in the slice of the rank, and those that belong there.
    private func forEachRow(of parameter: ShardedParameter, _ body: (Slice<UInt8>, Slice<UInt8>) -> Void) throws {
        let box = try TensorSharding(of: Self.shape, layout).range(of: rank).ranges
        let expected = Slice<Float>(zeros: box[1].count)
        for (index, column) in box[1].enumerated() { write(Float(column), at: index, of: expected) }
        let marks = box[1].indices.filter { $0 % Self.markDistance == 0 }.map { $0 - box[1].lowerBound }
        for (index, row) in box[0].enumerated() {
            for mark in marks { write(Float(row + number), at: mark, of: expected) }
            let bytes = parameter.local.bytes[index * expected.byteCount..<(index + 1) * expected.byteCount]
            body(bytes, expected.rebound(to: UInt8.self))
        }
    }

    private func write(_ value: Float, at index: Int, of slice: Slice<Float>) {
        var elements = slice.mutableSpan
        elements[index] = value
    }
}

/// The memory that this process has, as Linux counts it.
private enum ProcessMemory {
    /// What is in use now; the peak counts from here.
    static func inUse() throws -> Int {
        // 5 sets the peak back to what is in use.
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        return try bytes("VmRSS:")
    }

    static func peak() throws -> Int { try bytes("VmHWM:") }

    private static func bytes(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let words = status.split(whereSeparator: \.isWhitespace)
        guard let place = words.firstIndex(of: field[...]), let kibibytes = Int(words[place + 1]) else {
            throw CaseFailure(description: "/proc/self/status has no number after \(field)")
        }
        return kibibytes << 10
    }
}
