import Ciphers
package import Files
import Memory
import Synchronization
package import SystemPackage

/// A file of a set that gives out only what is compared with its manifest, whenever it is read, and however often.
///
/// Each piece has a digest from its first reading on, and every later reading must match it; the digests, or the bytes that they
/// were made from, are compared with the manifest. So the index of a file, read before, and what is read again afterwards are
/// those of the verified file, even if the storage answers differently from one time to the next. Reading in the order of the
/// file costs no extra reads.
package final class VerifyingFile: Sendable {
    private static let pieceByteCount = PieceHash.pieceByteCount

    // Large enough for several threads to read it, and small enough for the last cache to have it still.
    private static let directByteCount = 8 << 20

    // File systems serve larger reads faster (ext4: 14.6 GB/s; 11.1 in pieces of 256 KiB).
    private static let windowByteCount = 1 << 20

    private struct State: ~Copyable {
        var proof: FileProof
        var digests: [Int: PieceDigest] = [:]
        /// All pieces before this one are in the proof.
        var position = 0
        /// Whether skipped bytes are read too, so that all come in order.
        var isInOrder = false
        /// Whether a piece without a digest is refused.
        var isSealed = false
        /// The piece in `scratch`.
        var held: Int?
        let scratch: Slice<UInt8>
    }

    private let base: any ReadableFile
    private let hash: PieceHash
    private let state: Mutex<State>

    init(_ base: any ReadableFile, as file: ManifestFile, of manifest: Manifest, key: EncryptionKey?) {
        self.base = base
        hash = PieceHash(key: key, set: manifest.id, path: file.path)
        state = Mutex(State(proof: FileProof(file, of: manifest, key: key), scratch: Self.scratch(for: base)))
    }

    /// A file of which nothing is known: all that it promises is that bytes read twice are the same.
    package init(steady base: any ReadableFile) {
        self.base = base
        hash = PieceHash(key: nil, set: "", path: "")
        state = Mutex(State(proof: FileProof(), scratch: Self.scratch(for: base)))
    }

    private static func scratch(for file: any ReadableFile) -> Slice<UInt8> {
        Slice<UInt8>(zeros: min(pieceByteCount, file.byteCount))
    }

    /// From now on all bytes are read in order, up to the last that is asked for.
    func begin() {
        state.withLock { $0.isInOrder = true }
    }

    /// Reads what nobody has read, and compares the file with its manifest.
    ///
    /// Throws ``CheckpointSetError/wrongCode(path:)`` or ``CheckpointSetError/wrongChecksum(path:found:expected:)`` if it
    /// is not what that says.
    func verify() throws(CheckpointSetError) {
        try state.withLock { (state) throws(CheckpointSetError) in
            guard !state.isSealed else { return }
            do throws(FileError) {
                try advance(&state, to: pieceCount)
            } catch {
                throw .file(error)
            }
            state.isSealed = true
            try state.proof.check(
                path, digests: (0..<pieceCount).compactMap { state.digests[$0] }, byteCount: byteCount)
        }
    }

    private var pieceCount: Int { (byteCount + Self.pieceByteCount - 1) / Self.pieceByteCount }

    private func range(ofPiece number: Int) -> Range<Int> {
        number * Self.pieceByteCount..<min((number + 1) * Self.pieceByteCount, byteCount)
    }

    /// Takes all pieces before `end` into the proof.
    private func advance(_ state: inout State, to end: Int) throws(FileError) {
        let stop = min(end * Self.pieceByteCount, byteCount)
        let window = Slice<UInt8>(
            zeros: max(min(Self.windowByteCount, stop - state.position * Self.pieceByteCount), 0))
        while state.position < end {
            if state.digests[state.position] != nil, !state.proof.needsBytes {
                state.position += 1
            } else {
                let start = state.position * Self.pieceByteCount
                var bytes = window[0..<min(window.count, stop - start)].mutableSpan
                try fill(&bytes, at: start, &state)
            }
        }
    }

    /// Reads a piece to where it can be copied from.
    private func hold(_ number: Int, _ state: inout State) throws(FileError) {
        guard state.held != number else { return }
        state.held = nil
        let range = range(ofPiece: number)
        var bytes = state.scratch[0..<range.count].mutableSpan
        try fill(&bytes, at: range.lowerBound, &state)
        state.held = number
    }

    /// Reads whole pieces.
    private func fill(_ bytes: inout MutableSpan<UInt8>, at offset: Int, _ state: inout State) throws(FileError) {
        try base.read(into: &bytes, at: offset)
        for start in stride(from: 0, to: bytes.count, by: Self.pieceByteCount) {
            let piece = bytes.span.extracting(start..<min(start + Self.pieceByteCount, bytes.count))
            try take((offset + start) / Self.pieceByteCount, unsafe piece.bytes, &state)
        }
    }

    /// Notes a piece that was read, or compares it with what was read before.
    private func take(_ number: Int, _ bytes: RawSpan, _ state: inout State) throws(FileError) {
        let digest = hash.digest(of: bytes, number: number)
        if let known = state.digests[number] {
            guard known == digest else {
                throw failure(number, "are others than when they were read before: its storage answers differently")
            }
        } else {
            guard !state.isSealed else { throw failure(number, "have not been verified") }
            state.digests[number] = digest
        }
        guard number == state.position else { return }
        state.proof.update(bytes)
        state.position += 1
    }

    private func failure(_ number: Int, _ problem: String) -> FileError {
        let range = range(ofPiece: number)
        return FileError("read", path, reason: "bytes \(range.lowerBound)..<\(range.upperBound) \(problem)")
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension VerifyingFile: ReadableFile {
    package var path: FilePath { base.path }
    package var byteCount: Int { base.byteCount }

    package func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        let end = try end(ofBytesAt: offset, count: bytes.count)
        try state.withLock { (state) throws(FileError) in
            if state.isInOrder { try advance(&state, to: offset / Self.pieceByteCount) }
            var start = offset
            while start < end {
                let piece = range(ofPiece: start / Self.pieceByteCount)
                if piece.lowerBound == start, piece.upperBound <= end {
                    // Whole pieces go straight to their place.
                    let whole = end == byteCount ? end : end - end % Self.pieceByteCount
                    let next = min(start + Self.directByteCount, whole)
                    var target = bytes._mutatingExtracting(start - offset..<next - offset)
                    try fill(&target, at: start, &state)
                    start = next
                } else {
                    let part = start..<min(piece.upperBound, end)
                    try hold(start / Self.pieceByteCount, &state)
                    let source = state.scratch[part.lowerBound - piece.lowerBound..<part.upperBound - piece.lowerBound]
                    var target = bytes._mutatingExtracting(part.lowerBound - offset..<part.upperBound - offset)
                    unsafe target.withUnsafeMutableBytes {
                        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source.pointer, count: source.count))
                    }
                    start = part.upperBound
                }
            }
        }
    }
}

extension VerifyingFile {
    /// What a rank has read of a file: the pieces, and a sum of their digests.
    struct Reading: Codable, Hashable {
        /// The number of the first piece of each stretch, and of the first after it.
        let bounds: [Int]

        let sum: UInt64
    }

    /// What was read until now; nothing else can be read any more.
    func seal() -> Reading {
        state.withLock { state in
            state.isSealed = true
            var bounds: [Int] = []
            for number in state.digests.keys.sorted() {
                if bounds.last == number { bounds[bounds.count - 1] += 1 } else { bounds += [number, number + 1] }
            }
            return Reading(bounds: bounds, sum: Self.sum(of: bounds, state.digests) ?? 0)
        }
    }

    /// Whether another rank has read the same as this one, which has read all.
    func confirms(_ reading: Reading) -> Bool {
        state.withLock { Self.sum(of: reading.bounds, $0.digests) == reading.sum }
    }

    private static func sum(of bounds: [Int], _ digests: [Int: PieceDigest]) -> UInt64? {
        var sum = Checksum()
        for index in stride(from: 0, to: bounds.count - 1, by: 2) {
            for number in bounds[index]..<bounds[index + 1] {
                guard let digest = digests[number] else { return nil }
                unsafe withUnsafeBytes(of: digest) { sum.update(unsafe RawSpan(_unsafeBytes: $0)) }
            }
        }
        return sum.value
    }
}
