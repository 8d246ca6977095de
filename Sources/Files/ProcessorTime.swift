import Glibc

/// The processor time that a process was given (`ulimit -t`, a batch system's limit).
public enum ProcessorTime {
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
