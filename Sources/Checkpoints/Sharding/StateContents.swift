import Collectives
import Files
import Tensors

/// What lies in a state file: tensors, then small values.
struct StateContents: Sendable {
    let parameters: [ShardedParameter]
    let extras: [(name: String, value: CheckpointValue)]
    let form: CheckpointForm

    /// Writes what this rank holds of each parameter.
    func writeSlices(to file: any WritableFile, path: String) throws {
        let values = parameters.map { (name: $0.name, value: CheckpointValue.tensor($0.local)) } + extras
        let entries = values.map { $0.value.entry(named: $0.name) }
        try form.encrypting(file, path: path) { file in
            let writer = try form.format.writer(to: file, of: entries, options: form.options)
            for index in try form.format.order(of: entries, options: form.options) {
                try writer.write(values[index].name, values[index].value)
            }
            try writer.finish()
        }
    }

    /// Writes whole tensors, gathered from all ranks, which call this together: rank 0 with the file, the others with nil.
    func writeWhole(
        to file: (any WritableFile)?, path: String, world: any Communicator, bufferByteCount: Int
    ) throws {
        let entries = parameters.map { CheckpointEntry($0.name, .tensor($0.type)) }
        // Computed from the same values everywhere: all ranks throw here or none.
        let order = try form.format.order(of: entries, options: form.options)
        let gathering = TensorGathering(parameters, world: world, byteLimit: bufferByteCount)
        guard let file else {
            for index in order { try gathering.send(parameters[index]) }
            return
        }
        try form.encrypting(file, path: path) { file in
            try receive(entries, order, to: file, gathering)
        }
    }

    private func receive(
        _ tensors: [CheckpointEntry], _ tensorOrder: [Int], to file: any WritableFile, _ gathering: TensorGathering
    ) throws {
        let entries = tensors + extras.map { $0.value.entry(named: $0.name) }
        // With the extras between them the tensors keep their order. If the extras cannot be stored, what is sent is still
        // received.
        let order = (try? form.format.order(of: entries, options: form.options)) ?? tensorOrder
        let writer = PatientWriter { try form.format.writer(to: file, of: entries, options: form.options) }
        for index in order {
            guard index < parameters.count else {
                let extra = extras[index - parameters.count]
                writer.write(extra.name, extra.value)
                continue
            }
            writer.begin(entries[index])
            try gathering.receive(parameters[index]) { writer.append($0) }
        }
        try writer.finish()
    }
}
