import Files
import Memory
import Synchronization
import SystemPackage

/// A file of a set that is compared with its manifest while it is loaded, so that each byte is read once.
///
/// Between ``begin()`` and ``finish()`` what is read is added to the proof, and what is passed over is read for it alone.
/// Reading in the order of the file costs nothing more; what lies before the place reached was proved already.
final class VerifyingFile: Sendable {
    private enum Phase { case before, during, after }

    private struct State: ~Copyable {
        var proof: FileProof
        var phase = Phase.before
        /// All bytes before this one are in the proof.
        var position = 0
    }

    private let base: any ReadableFile
    private let state: Mutex<State>

    init(_ base: any ReadableFile, as file: ManifestFile, of manifest: Manifest, key: EncryptionKey?) {
        self.base = base
        state = Mutex(State(proof: FileProof(file, of: manifest, key: key)))
    }

    /// Begins the comparison; before, as for the index of the file, bytes are read as they are.
    func begin() {
        state.withLock { if $0.phase == .before { $0.phase = .during } }
    }

    /// Reads what nobody has read, and ends the comparison.
    ///
    /// Throws ``CheckpointSetError/wrongChecksum(path:found:expected:)`` if the file is not what its manifest says.
    func finish() throws(CheckpointSetError) {
        try state.withLock { (state) throws(CheckpointSetError) in
            guard state.phase == .during else { return }
            do throws(FileError) {
                try advance(&state, to: byteCount)
            } catch {
                throw .file(error)
            }
            state.phase = .after
            try state.proof.check(path)
        }
    }

    private func advance(_ state: inout State, to end: Int) throws(FileError) {
        let scratch = Slice<UInt8>(zeros: min(1 << 20, max(end - state.position, 0)))
        while state.position < end {
            let piece = scratch[0..<min(scratch.count, end - state.position)]
            var bytes = piece.mutableSpan
            try base.read(into: &bytes, at: state.position)
            unsafe state.proof.update(piece.span.bytes)
            state.position += piece.count
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension VerifyingFile: ReadableFile {
    var path: FilePath { base.path }
    var byteCount: Int { base.byteCount }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        try state.withLock { (state) throws(FileError) in
            guard state.phase == .during else { return try base.read(into: &bytes, at: offset) }
            try advance(&state, to: min(offset, byteCount))
            let known = min(max(state.position - offset, 0), bytes.count)
            var old = bytes._mutatingExtracting(0..<known)
            try base.read(into: &old, at: offset)
            var new = bytes._mutatingExtracting(known..<bytes.count)
            try base.read(into: &new, at: offset + known) { unsafe state.proof.update($0.bytes) }
            state.position = max(state.position, offset + bytes.count)
        }
    }
}
