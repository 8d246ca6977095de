package import Files

/// A source of requests that looks at files.
package protocol FileStopSource: StopSource, Sendable {
    /// Looks at the files and keeps what they say for ``StopSource/poll()``. Any thread may call it, one at a time.
    func look()
}

/// Requests by files, looked at on a thread of their own: on a slow shared disk a look may take longer than a step.
///
/// With an interval of zero they are looked at whenever the ranks agree, so that what is written during a step stops the
/// run after that very step.
package final class FileRequests: StopSource {
    private let source: any FileStopSource
    private let thread: BackgroundPoll?

    package init(_ source: any FileStopSource, every interval: Duration, in surroundings: any Surroundings) {
        self.source = source
        thread =
            interval == .zero
            ? nil : BackgroundPoll("stop requests", every: interval, in: surroundings) { source.look() }
    }

    package func poll() -> StopReason? {
        if thread == nil { source.look() }
        return source.poll()
    }

    package var details: StopDetails { source.details }
}
