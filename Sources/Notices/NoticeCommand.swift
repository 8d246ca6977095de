import Foundation
import Glibc
import Synchronization

/// A command of the shell whose first line is a notice. It ends with whoever has this.
final class NoticeCommand: Sendable {
    private let text: String
    private let state = Mutex((process: pid_t(0), isOver: false))
    private static let mostBytes = 4096

    init(_ text: String) {
        self.text = text
    }

    /// Runs it and waits until it prints a line, or ends; nil if it has ended without one.
    ///
    /// Other codes than 0 are answers too: of `test -f`, `grep` and the like that there is nothing.
    ///
    /// - Throws: ``NoAnswer`` if it cannot be run.
    func notice() throws -> Notice? {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw failure("make a pipe", errno) }
        // Neither is for the programs that other threads start.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let process = try start(writingTo: ends[1])
        guard let process else { return nil }
        let line = firstLine(from: ends[0])
        end(process)
        // Its number may be another's once it was waited for.
        state.withLock { $0.process = 0 }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        if !line.isEmpty { return Notice(line: line) }
        // What the shell ends with if there is no such command, or none that may be run.
        guard status & 0x7F == 0, (126...127).contains(status >> 8 & 0xFF) else { return nil }
        throw NoAnswer(description: "the command ends with \(status >> 8 & 0xFF) and says nothing")
    }

    /// Ends it, for good.
    func stop() {
        let process = state.withLock { state in
            state.isOver = true
            return state.process
        }
        if process > 0 { end(process) }
    }

    /// With all that it has started.
    private func end(_ process: pid_t) { kill(-process, SIGKILL) }

    /// Starts the shell in a process group of its own, with no signal blocked or caught; nil if it is over.
    private func start(writingTo output: Int32) throws -> pid_t? {
        defer { close(output) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        // Under the lock, so that what was started after the end is not left behind.
        return try state.withLock { state -> pid_t? in
            guard !state.isOver else { return nil }
            var process = pid_t(0)
            let words = unsafe Self.copies(["/bin/sh", "-c", text])
            let variables = unsafe Self.copies(ProcessInfo.processInfo.environment.map { "\($0)=\($1)" })
            defer { unsafe (words + variables).forEach { unsafe free($0) } }
            let code = unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, words, variables)
            guard code == 0 else { throw failure("run the command", code) }
            state.process = process
            return process
        }
    }

    /// As C wants them, to be freed.
    @unsafe private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe texts.map { (text: String) in unsafe strdup(text) } + [nil]
    }

    private func firstLine(from descriptor: Int32) -> String {
        var (bytes, byte) = ([UInt8](), UInt8(0))
        while bytes.count < Self.mostBytes {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            // Blank lines say nothing.
            if byte == UInt8(ascii: "\n") {
                if bytes.isEmpty { continue }
                break
            }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func failure(_ action: String, _ code: Int32) -> NoAnswer {
        NoAnswer(description: unsafe "cannot \(action): \(String(cString: strerror(code)))")
    }
}
