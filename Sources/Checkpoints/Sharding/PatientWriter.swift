import Files

/// A writer that keeps its first error until the end instead of throwing it at once, so that what others send is still received.
final class PatientWriter {
    private var writer: (any CheckpointWriter)?
    private var failure: (any Error)?

    /// Begins a file; an error of `make` counts like one of writing.
    init(_ make: () throws -> any CheckpointWriter) {
        do {
            writer = try make()
        } catch {
            failure = error
        }
    }

    func begin(_ entry: CheckpointEntry) {
        attempt { try writer?.begin(entry) }
    }

    func append(_ bytes: Span<UInt8>) {
        guard failure == nil else { return }
        do {
            try writer?.append(bytes)
        } catch {
            failure = error
        }
    }

    func write(_ name: String, _ value: CheckpointValue) {
        attempt { try writer?.write(name, value) }
    }

    /// Ends the file, or throws what went wrong first.
    func finish() throws {
        attempt { try writer?.finish() }
        if let failure { throw failure }
    }

    private func attempt(_ body: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            failure = error
        }
    }
}
