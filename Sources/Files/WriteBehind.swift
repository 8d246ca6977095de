/// Writes to a file on another thread, while the caller makes the bytes that follow.
///
/// One write is under way at a time. Its error is thrown by the calls that follow it, all of them: what was to lie behind the
/// bytes that are missing is of no use.
@safe package final class WriteBehind {
    private let file: any WritableFile
    private let outcome = Outcome()
    private var thread: SystemThread?

    /// Writes behind what `file` has.
    package init(_ file: any WritableFile) {
        self.file = file
    }

    deinit {
        thread?.join()
    }

    /// Waits for the write before, and begins with these bytes, which stay as they are until ``wait()`` has returned or the next
    /// write has begun. Where there is no thread to be had, they are written at once.
    @unsafe package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try wait()
        nonisolated(unsafe) let (file, bytes) = unsafe (file, bytes)
        let write = { @Sendable [outcome] in
            do throws(FileError) {
                try unsafe file.write(RawSpan(_unsafeBytes: bytes))
            } catch {
                outcome.error = error
            }
        }
        thread = SystemThread("write-behind", write)
        guard thread == nil else { return }
        write()
        try wait()
    }

    /// Waits until everything is written; the file may be written to directly then.
    package func wait() throws(FileError) {
        thread?.join()
        thread = nil
        if let error = outcome.error { throw error }
    }
}

/// What came of the write.
private final class Outcome: @unchecked Sendable {
    // Unchecked: whoever reads it has waited for the thread that writes it.
    var error: FileError?
}
