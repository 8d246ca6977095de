import Glibc

/// The processor time of this process.
enum ProcessorClock {
    /// Seconds of all its threads so far; POSIX has `clock` count microseconds.
    static var seconds: Double { Double(clock()) / 1e6 }
}
