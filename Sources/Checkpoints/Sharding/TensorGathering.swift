import Collectives
import Layouts
import Memory
import Tensors

/// Brings split tensors to rank 0, part after part in row-major order, so that they can be streamed into a file.
///
/// Every rank computes the same plan, so nobody has to ask: rank 0 receives, and every other rank sends what it is the
/// source of, in the same order. Rank 0 holds two buffers, one for the part and one for a message, and every other rank
/// one, whatever the size of the model.
final class TensorGathering {
    private let world: any Communicator
    private let byteLimit: Int
    private let part: Slice<UInt8>
    private let message: Slice<UInt8>
    private static let tag = 0x5A7E

    /// Makes the buffers for some parameters, none larger than `byteLimit` or the largest split tensor.
    init(_ parameters: [ShardedParameter], world: any Communicator, byteLimit: Int) {
        self.world = world
        // An element is never cut, and the largest has 16 bytes.
        self.byteLimit = max(byteLimit, 16)
        let byteCount = Self.bufferByteCount(parameters, byteLimit: self.byteLimit)
        message = Slice(zeros: byteCount)
        part = Slice(zeros: world.rank == 0 ? byteCount : 0)
    }

    fileprivate static func bufferByteCount(_ parameters: [ShardedParameter], byteLimit: Int) -> Int {
        min(byteLimit, parameters.filter { !$0.isWhole }.map(\.type.byteCount).max() ?? 0)
    }

    /// The bytes that the buffers of this rank take.
    var byteCount: Int { part.byteCount + message.byteCount }

    /// On rank 0: gives all bytes of a tensor to `deliver`, in their order.
    func receive(_ parameter: ShardedParameter, _ deliver: (Span<UInt8>) -> Void) throws(CollectiveError) {
        guard let sharding = parameter.sharding, !parameter.isWhole else {
            return deliver(parameter.local.bytes.span)
        }
        let size = parameter.type.elementType.byteCount
        for chunk in RowMajorChunks(of: sharding.shape, elementLimit: byteLimit / size) {
            let target = part[0..<chunk.elementCount * size]
            for piece in RedistributionPlan(from: sharding, covering: chunk, rank: 0).pieces {
                if piece.source == 0 {
                    target.copy(piece.runs, from: parameter.local.bytes, elementByteCount: size)
                } else {
                    try receive(piece, into: target, size)
                }
            }
            deliver(target.span)
        }
    }

    /// On every other rank: sends what rank 0 needs of a tensor.
    func send(_ parameter: ShardedParameter) throws(CollectiveError) {
        guard let sharding = parameter.sharding, !parameter.isWhole else { return }
        let size = parameter.type.elementType.byteCount
        for chunk in RowMajorChunks(of: sharding.shape, elementLimit: byteLimit / size) {
            let plan = RedistributionPlan(from: sharding, covering: chunk, rank: 0)
            for piece in plan.pieces where piece.source == world.rank {
                try send(piece, of: parameter.local, size)
            }
        }
    }

    private func receive(
        _ piece: RedistributionPlan.Piece, into target: Slice<UInt8>, _ size: Int
    ) throws(CollectiveError) {
        let count = piece.targetRange.elementCount * size
        // A single stretch, as rows are, needs no buffer.
        let only = piece.unpacking.only.map { target[$0.target * size..<$0.target * size + count] }
        let place = only ?? message[0..<count]
        var span = place.mutableSpan
        try world.receive(&span, from: piece.source, tag: Self.tag)
        if only == nil { target.copy(piece.unpacking, from: place, elementByteCount: size) }
    }

    private func send(
        _ piece: RedistributionPlan.Piece, of local: Tensor, _ size: Int
    ) throws(CollectiveError) {
        let count = piece.sourceRange.elementCount * size
        if let only = piece.packing.only {
            let place = local.bytes[only.source * size..<only.source * size + count]
            return try world.send(place.span, to: 0, tag: Self.tag)
        }
        let place = message[0..<count]
        place.copy(piece.packing, from: local.bytes, elementByteCount: size)
        try world.send(place.span, to: 0, tag: Self.tag)
    }
}

extension SavePlan {
    /// The bytes that a rank holds while these are gathered into an integrated set or a network file: none if all are whole.
    public static func gatheringByteCount(_ parameters: [ShardedParameter], rank: Int) -> Int {
        TensorGathering.bufferByteCount(parameters, byteLimit: bufferByteCount) * (rank == 0 ? 2 : 1)
    }
}
