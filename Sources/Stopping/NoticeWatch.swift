public import Files
import Glibc
import Synchronization

/// Takes an unexpected SIGCONT of the launcher as a notice that it is about to end the ranks. A process has one at most.
///
/// Open MPI's mpirun sends its ranks SIGCONT, SIGTERM one timeout later, and SIGKILL after another; the timeout is a
/// second unless `odls_base_sigkill_timeout` says otherwise. A SIGCONT is no such notice if
/// - another process than the launcher or the parent sent it, such as a shell for `fg`, or
/// - this process had been stopped. A thread notes the time ten times a second; a gap of half a second in that, which
///   ends now, is a stop.
///
/// So a stop of less than half a second that the launcher ends is taken for a notice, and a notice to a process that got
/// no processor for half a second is missed; SIGTERM follows it.
public final class NoticeWatch: StopSource, Sendable {
    private static let gap: Int64 = 500_000_000
    private static let parent = Atomic<Int32>(0)
    private static let launcher = Atomic<Int32>(0)
    private static let noticeSender = Atomic<Int32>(0)
    private static let lastTick = Atomic<Int64>(0)
    private static let lastGapEnd = Atomic<Int64>(0)
    private static let noticeTime = Atomic<Int64>(0)

    private let ticks: BackgroundPoll
    private let surroundings: any Surroundings

    /// Begins to listen, and goes on to the end of the process.
    public init(in surroundings: any Surroundings = .system) {
        self.surroundings = surroundings
        Self.parent.store(getppid(), ordering: .relaxed)
        // mpirun signals the process group of what it has started, in which a rank may be behind a wrapper.
        Self.launcher.store(LauncherProcess.find(table: ProcessTable(in: surroundings)), ordering: .relaxed)
        Self.noticeTime.store(0, ordering: .relaxed)
        Self.lastGapEnd.store(0, ordering: .relaxed)
        Self.lastTick.store(monotonicNanoseconds(), ordering: .relaxed)
        ticks = BackgroundPoll("launcher's notice", every: .milliseconds(100), in: surroundings) { NoticeWatch.tick() }
        _ = unsafe SignalTable.install(SIGCONT, noteContinuation)
    }

    /// `.notice` once the launcher has given it.
    public func poll() -> StopReason? { Self.noticeTime.load(ordering: .relaxed) == 0 ? nil : .notice }

    /// Who gave it, and when.
    public var details: StopDetails {
        let age = monotonicNanoseconds() - Self.noticeTime.load(ordering: .relaxed)
        let sender = Self.noticeSender.load(ordering: .relaxed)
        return StopDetails("SIGCONT", requester: "process \(sender)", time: surroundings.now - .nanoseconds(age))
    }

    private static func tick() {
        let now = monotonicNanoseconds()
        // First the gap, then the tick that hides it.
        if now - lastTick.load(ordering: .relaxed) > gap { lastGapEnd.store(now, ordering: .releasing) }
        lastTick.store(now, ordering: .releasing)
    }

    /// Called by the handler.
    fileprivate static func note(sender: Int32) {
        let now = monotonicNanoseconds()
        // All threads continue at once: this one or that of the ticks may be the first.
        let wasStopped =
            now - lastTick.load(ordering: .acquiring) > gap || now - lastGapEnd.load(ordering: .acquiring) < gap
        let isKnown = sender == launcher.load(ordering: .relaxed) || sender == parent.load(ordering: .relaxed)
        guard isKnown, !wasStopped else { return }
        noticeSender.store(sender, ordering: .relaxed)
        noticeTime.store(now, ordering: .relaxed)
    }
}

private func noteContinuation(
    _ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
    unsafe NoticeWatch.note(sender: senderOfSignal(info))
}
