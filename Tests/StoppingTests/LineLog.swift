import Logging
import Synchronization

/// Keeps what is logged.
final class LineLog: LogHandler, Sendable {
    private let said = Mutex<[String]>([])

    /// All lines.
    var lines: [String] { said.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .notice }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        said.withLock { $0.append("\(event.message)") }
    }
}
