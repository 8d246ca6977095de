import Glibc

/// Ends the program because of a mistake in it: one sentence on standard error, then exit code 78 (`EX_CONFIG`).
///
/// A trap would say nothing in a release build. Ranks make the same mistake at the same time, and the first of them to
/// end takes the others along: those but rank 0 wait a second before they speak, so that it is said once.
package func misuse(_ sentence: String) -> Never {
    let rank = unsafe getenv("OMPI_COMM_WORLD_RANK").map { unsafe String(cString: $0) }
    if rank ?? "0" != "0" { sleep(1) }
    fflush(nil)
    endProcess(78, saying: "error: \(sentence)")
}

/// Ends the program by ``misuse(_:)`` unless `condition` holds; in release builds too.
@inline(__always)
package func insist(_ condition: Bool, _ sentence: @autoclosure () -> String) {
    if !condition { misuse(sentence()) }
}

/// Ends the process with a line on standard error, and without `exit`: what runs at the end of a process needs memory and
/// locks.
func endProcess(_ code: Int32, saying line: String) -> Never {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
        guard written > 0 else { break }
        rest = rest.dropFirst(written)
    }
    _exit(code)
}
