import Files
import Glibc

/// Lets SIGQUIT end the process at once: nothing more is published, and what is published stays whole.
///
/// The handler writes one line and leaves with ``ExitStatus/forced``. mpirun then ends the other ranks within two seconds, as it
/// does whenever a rank leaves with a code other than 0.
public enum ForcedExit {
    /// What the handler writes; set before it is installed, and never freed.
    nonisolated(unsafe) private static var line: UnsafeMutableBufferPointer<UInt8>?

    /// Installs the handler; `program` and `rank` are for its line.
    public static func install(program: String, rank: Int) {
        let text =
            "\(program): error: rank \(rank) (process \(ThisProcess.identifier)) leaves at once because of SIGQUIT; nothing "
            + "more is published, and the last published checkpoint is whole\n"
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(from: text.utf8)
        unsafe line = unsafe bytes
        _ = unsafe SignalTable.install(SIGQUIT, leaveAtOnce)
    }

    fileprivate static func leave() -> Never {
        if let line = unsafe line { unsafe write(STDERR_FILENO, line.baseAddress, line.count) }
        _exit(ExitStatus.forced.rawValue)
    }
}

private func leaveAtOnce(
    _ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
    ForcedExit.leave()
}
