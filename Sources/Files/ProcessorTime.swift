import Glibc

/// The time that processors work for a process, and how much it was given (`ulimit -t`, a batch system's limit).
public enum ProcessorTime {
    /// What this thread has taken so far.
    public static var ofThisThread: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Lets the system announce by SIGXCPU that the processor time is almost over, so that there is some left to save.
    ///
    /// The system sends that signal at the soft limit and kills at the hard one. Where both are the same, as `ulimit -t`
    /// sets them, there would be no signal: the soft one is lowered by a tenth, half a minute at most.
    public static func askForNotice() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit) == 0, limit.rlim_max < .max,
            limit.rlim_cur >= limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max - min(max(limit.rlim_max / 10, 1), 30)
        guard limit.rlim_cur > 0 else { return }
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    }
}
