import Glibc
import Synchronization
package import SystemPackage

/// The standard output and the standard error of this process, in whatever state a supervisor left them.
///
/// The one door for everything that is printed: closed, full, non-blocking or without a reader, a stream is never a
/// reason to crash.
public enum StandardStream: Int32, Sendable {
    /// What was asked for.
    case output = 1

    /// What is said beside it.
    case error = 2

    /// Writes all of a text, however long its reader takes.
    ///
    /// - Throws: `FileError`; its `errno` is `.brokenPipe` if nobody reads any more.
    public func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    /// Writes all bytes, however long their reader takes.
    ///
    /// - Throws: `FileError`; its `errno` is `.brokenPipe` if nobody reads any more.
    public func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes, patience: -1) }

    /// Writes a line that was asked for. A reader that has left, as `head` does, has seen enough: that is no error.
    public func print(_ line: String) throws(FileError) {
        do throws(FileError) {
            try write(line + "\n")
        } catch {
            guard error.errno == .brokenPipe else { throw error }
        }
    }

    /// Writes a text if that can be done: what a run says on its way must neither end it nor keep it.
    ///
    /// A reader that takes nothing is waited for a second, once; until it reads again, what finds no room is left out.
    public func offer(_ text: String) {
        let isStuck = Self.stuck.load(ordering: .relaxed) & bit != 0
        do {
            try write(Array(text.utf8), patience: isStuck ? 0 : 1000)
            Self.stuck.bitwiseAnd(~bit, ordering: .relaxed)
        } catch {
            if error.errno == .timedOut { Self.stuck.bitwiseOr(bit, ordering: .relaxed) }
        }
    }

    /// Whether it is a terminal.
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// One bit for each stream whose reader takes nothing.
    private static let stuck = Atomic<UInt8>(0)

    private var bit: UInt8 { 1 << UInt8(rawValue) }

    private var name: FilePath { self == .output ? "standard output" : "standard error" }

    // A pipe that is ready takes so many bytes without waiting (PIPE_BUF).
    private static let pieceByteCount = 4096

    private func write(_ bytes: [UInt8], patience: Int32) throws(FileError) {
        try Self.write(bytes, to: FileDescriptor(rawValue: rawValue), name, patience: patience)
    }

    /// Writes bytes to any descriptor; its reader is waited for so many milliseconds a piece, or for ever if negative.
    package static func write(
        _ bytes: [UInt8], to descriptor: FileDescriptor, _ name: FilePath, patience: Int32
    ) throws(FileError) {
        prepare()
        var rest = bytes[...]
        while !rest.isEmpty {
            try waitForRoom(in: descriptor, name, patience)
            let piece = rest.prefix(pieceByteCount)
            do throws(FileError) {
                let written = try attempt("write to", name) {
                    try unsafe piece.withUnsafeBytes { bytes in
                        try unsafe descriptor.write(bytes, retryOnInterrupt: true)
                    }
                }
                rest = rest.dropFirst(written)
            } catch {
                // Room that was there may have been taken by another process.
                guard error.errno == .wouldBlock else { throw error }
            }
        }
    }

    private static func waitForRoom(
        in descriptor: FileDescriptor, _ name: FilePath, _ patience: Int32
    ) throws(FileError) {
        var request = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        let ready = try systemCall("write to", name) { unsafe poll(&request, 1, patience) }
        guard ready > 0 else { throw FileError("write to", name, .timedOut) }
    }
}

extension StandardStream {
    /// Makes sure, once, that nothing this process opens can be taken for a standard stream, and that output which
    /// cannot be written is an error and not a death. To be called first of all, before anything is opened.
    ///
    /// A standard stream that was closed is opened the wrong way round: its number is taken, and its use an error. The
    /// signals of a pipe without a reader (SIGPIPE) and of a file beyond its limit (SIGXFSZ) get a handler that does
    /// nothing; to ignore them would be inherited by the programs that this one starts.
    public static func prepare() { _ = isPrepared }

    private static let isPrepared: Bool = {
        for (descriptor, mode) in [(0, FileDescriptor.AccessMode.writeOnly), (1, .readOnly), (2, .readOnly)] {
            guard fcntl(Int32(descriptor), F_GETFD) == -1 else { continue }
            // The lowest number that is free is the one that is missing.
            _ = try? FileDescriptor.open("/dev/null", mode)
        }
        for signal in [SIGPIPE, SIGXFSZ] { survive(signal) }
        return true
    }()

    private static func survive(_ signal: Int32) {
        var action = sigaction()
        guard unsafe sigaction(signal, nil, &action) == 0,
            // What the program or its parent has chosen stays.
            unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0
        else { return }
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        action.sa_flags = SA_RESTART
        unsafe sigaction(signal, &action, nil)
    }
}
