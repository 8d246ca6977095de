import CheckpointsTestKit
import Synchronization

/// Looks for bytes among all that are written to a disk, wherever one write ends and the next begins: for the promise that
/// with a key no plain byte of a parameter reaches it.
///
/// ```swift
/// let search = WrittenBytesSearch(for: [bytesOfAParameter])
/// disk.whenWritten = { path, bytes in search.look(path, bytes) }
/// ```
package final class WrittenBytesSearch: Sendable {
    private struct State: Sendable {
        /// The last bytes written to each path.
        var ends: [String: [UInt8]] = [:]
        var paths: Set<String> = []
    }

    // What is shorter is found by chance.
    private static let wordByteCount = 8

    private let secrets: [UInt64: [[UInt8]]]
    private let longest: Int
    private let state = Mutex(State())

    /// Begins to look for any of these; each has 8 bytes at least.
    package init(for secrets: [[UInt8]]) {
        for secret in secrets {
            precondition(secret.count >= Self.wordByteCount, "\(secret.count) bytes can be anywhere by chance")
        }
        self.secrets = Dictionary(grouping: secrets) { Self.word($0.prefix(Self.wordByteCount)) }
        longest = secrets.map(\.count).max() ?? 0
    }

    /// The paths of the files in which one was found, sorted.
    package var paths: [String] { state.withLock { $0.paths.sorted() } }

    /// Looks through bytes that are written to a file behind those before.
    package func look(_ path: String, _ bytes: RawSpan) {
        let memory = MemoryFile()
        memory.write(bytes)
        let new = memory.bytes
        state.withLock { state in
            let text = (state.ends[path] ?? []) + new
            if contains(text) { state.paths.insert(path) }
            state.ends[path] = Array(text.suffix(max(longest - 1, 0)))
        }
    }

    private func contains(_ text: [UInt8]) -> Bool {
        var word: UInt64 = 0
        for (index, byte) in text.enumerated() {
            word = word << 8 | UInt64(byte)
            guard index >= Self.wordByteCount - 1, let candidates = secrets[word] else { continue }
            let start = index - Self.wordByteCount + 1
            if candidates.contains(where: { text[start...].starts(with: $0) }) { return true }
        }
        return false
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
