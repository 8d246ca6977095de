import Collectives
import Files
import Memory
import Synchronization

/// How much passed at once.
final class Recorder: Sendable {
    private let state = Mutex((write: 0, message: 0, sent: 0))

    var largestWrite: Int { state.withLock { $0.write } }
    var largestMessage: Int { state.withLock { $0.message } }
    var sentByteCount: Int { state.withLock { $0.sent } }

    func noteWrite(_ byteCount: Int) {
        state.withLock { $0.write = max($0.write, byteCount) }
    }

    func noteMessage(_ byteCount: Int) {
        state.withLock { state in
            state.message = max(state.message, byteCount)
            state.sent += byteCount
        }
    }
}

/// A file that forgets its bytes.
final class RecordingFile: WritableFile {
    private let recorder: Recorder
    private(set) var byteCount = 0

    init(_ recorder: Recorder) {
        self.recorder = recorder
    }

    func write(_ bytes: RawSpan) {
        byteCount += bytes.byteCount
        recorder.noteWrite(bytes.byteCount)
    }

    func synchronize() {}
    func close() {}
}
