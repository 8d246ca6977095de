import Glibc

/// Ends the process, with code 1, because the system does not give what nothing can go on without: memory, a thread.
///
/// In release builds too, and without a trap: one sentence on standard error says what is missing. Nothing that is
/// published is touched. `mpirun` ends the other ranks, as after every rank that leaves with a code.
public func endProcess(lacking what: String, _ error: Int32) -> Never {
    let reason = unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
    endProcess(1, saying: "lockstep: error: process \(getpid()) has \(what): \(reason)")
}
