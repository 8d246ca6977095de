import Glibc

/// The program: libFuzzer's own command line, for the target that `LOCKSTEP_FUZZ_TARGET` names. (A variable, since
/// libFuzzer starts itself again with its own arguments alone.) With `--list` it prints the names of all targets.
///
/// SwiftPM calls this symbol from `main`.
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    if CommandLine.arguments.contains("--list") {
        for target in FuzzTarget.all { print(target.name) }
        return 0
    }
    atexit {
        // Corpora whose inputs are all refused would try the first lines of a reader and no more.
        let line = "accepted \(Counters.accepted) of \(Counters.tried)\n"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments) { data, byteCount in
        tryOnce(Array(UnsafeBufferPointer(start: data, count: byteCount)))
        return 0
    }
}

/// One execution: the target takes the bytes or refuses them with an error in words. Anything else ends the process, and
/// libFuzzer keeps the bytes.
private func tryOnce(_ bytes: [UInt8]) {
    Counters.tried += 1
    do {
        try FuzzTarget.chosen.run(bytes)
        Counters.accepted += 1
    } catch {
        require(!"\(error)".isEmpty, "an error without words")
    }
}

/// Ends the process with a finding unless `condition` holds.
func require(_ condition: Bool, _ finding: @autoclosure () -> String) {
    if !condition { fatalError("FINDING: \(finding())") }
}

private enum Counters {
    // libFuzzer calls from one thread.
    nonisolated(unsafe) static var tried = 0
    nonisolated(unsafe) static var accepted = 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
