public import Collectives
public import Files
import Memory

extension GatheredFile {
    /// Describes a file with the whole values of parameters in it, which are gathered from all ranks as it is written.
    ///
    /// `write` runs on rank 0 alone. It calls `appendNext` once for each of the parameters, in their order: that appends
    /// all bytes of the value to the file. No rank holds more than two buffers of `bufferByteCount` for that.
    public init(
        _ path: String, role: CheckpointFile.Role = .state, gathering parameters: [ShardedParameter],
        world: any Communicator, bufferByteCount: Int = SavePlan.bufferByteCount,
        write: @escaping @Sendable (_ file: any WritableFile, _ appendNext: () throws -> Void) throws -> Void
    ) {
        self.init(path, role: role) { file in
            let gathering = TensorGathering(parameters, world: world, byteLimit: bufferByteCount)
            guard let file else {
                for parameter in parameters { try gathering.send(parameter) }
                return
            }
            var rest = parameters[...]
            let outcome = Result {
                try write(file) {
                    guard let next = rest.popFirst() else {
                        preconditionFailure("\(path) has more values in it than \(parameters.count) parameters")
                    }
                    try gathering.append(next, to: file)
                }
            }
            if case .failure(let error as CollectiveError) = outcome { throw error }
            // Whatever went wrong here, what the others send must be received.
            for parameter in rest { try gathering.receive(parameter) { _ in } }
            try outcome.get()
        }
    }
}

extension TensorGathering {
    /// Appends all bytes of a tensor to a file; if that fails, they are received from the others all the same.
    fileprivate func append(_ parameter: ShardedParameter, to file: any WritableFile) throws {
        var failure: (any Error)?
        try receive(parameter) { bytes in
            guard failure == nil else { return }
            do {
                try file.write(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
