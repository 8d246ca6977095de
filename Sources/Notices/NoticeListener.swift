public import Collectives
public import Files
import Foundation
public import Logging
public import Stopping
import Synchronization
import SystemPackage

/// Asks for a stop when somebody says that this machine is about to be taken away.
///
/// Of the ranks on a host one alone asks, on a thread of its own; all ranks agree on what it hears.
///
/// ```swift
/// let listener = try NoticeListener(to: .service(.aws), in: world)
/// let plan = RunPlan(stops: StopPlan(signals: [SIGTERM], sources: [listener]))
/// ```
public final class NoticeListener: StopSource, Sendable {
    private let origin: NoticeOrigin
    private let heard = HeardNotice()
    private let thread: BackgroundPoll?
    private let command: NoticeCommand?

    /// Begins to listen. All ranks together, which find out who shares a host.
    ///
    /// - Throws: `CollectiveError`.
    public init(
        to origin: NoticeOrigin, in world: any Communicator, files: any FileSystem = LocalFileSystem(),
        surroundings: any Surroundings = .system, logger: Logger = Logger(label: "notices")
    ) throws(CollectiveError) {
        self.origin = origin
        let hosts = try world.allGather(Array(surroundings.host.utf8))
        guard hosts.firstIndex(of: hosts[world.rank]) == world.rank else {
            (thread, command) = (nil, nil)
            return
        }
        let asker: NoticeAsker
        let interval: Duration
        switch origin {
        case .command(let text):
            let command = NoticeCommand(text)
            self.command = command
            interval = .seconds(1)
            asker = NoticeAsker("it", heard, surroundings, logger) { try command.notice() }
        case .file(let path):
            command = nil
            interval = .seconds(1)
            asker = NoticeAsker("it", heard, surroundings, logger) { try Self.notice(in: path, files) }
        case .service(let service, let address):
            command = nil
            interval = service.interval
            let client = Mutex(MetadataClient(service, at: address, in: surroundings))
            asker = NoticeAsker("the service", heard, surroundings, logger) { try client.withLock { try $0.notice() } }
        }
        let name = "\(origin)"
        thread = BackgroundPoll("notices", every: interval, in: surroundings) { asker.look(name, every: interval) }
    }

    deinit { command?.stop() }

    /// `.machine` once a notice was heard.
    public func poll() -> StopReason? { heard.notice == nil ? nil : .machine }

    /// What was said, and by when.
    public var details: StopDetails {
        guard let (notice, time) = heard.notice else { return StopDetails() }
        let words = notice.words.isEmpty ? "a notice" : notice.words
        let left = notice.left.map { ", in \(Int(($0 / .seconds(1)).rounded())) s" } ?? ""
        return StopDetails(
            "\(origin): \(words)\(left)", time: time, deadline: notice.left.map { time + $0 })
    }

    private static func notice(in path: FilePath, _ files: any FileSystem) throws -> Notice? {
        guard try files.status(of: path) != nil else { return nil }
        let text = String(decoding: try files.contents(of: path, limit: 1 << 16), as: UTF8.self)
        return Notice(line: text.prefix { !$0.isNewline })
    }
}

/// What was heard, for the thread of the loop.
private final class HeardNotice: Sendable {
    private let state = Mutex<(notice: Notice, time: ContinuousClock.Instant)?>(nil)

    var notice: (notice: Notice, time: ContinuousClock.Instant)? { state.withLock { $0 } }

    func note(_ notice: Notice, at time: ContinuousClock.Instant) {
        state.withLock { $0 = $0 ?? (notice, time) }
    }
}

/// Asks again and again until it hears something. Whoever does not answer is asked less often, and that is said.
private final class NoticeAsker: Sendable {
    private struct State {
        var failures = 0
        var isSaid = false
        var next: ContinuousClock.Instant?
    }

    /// So often somebody may say nothing before people are told.
    private static let patience = 3
    /// Half of the shortest notice that a cloud gives.
    private static let longestPause = Duration.seconds(15)

    private let heard: HeardNotice
    private let surroundings: any Surroundings
    private let logger: Logger
    private let ask: @Sendable () throws -> Notice?
    private let subject: String
    private let state = Mutex(State())

    init(
        _ subject: String, _ heard: HeardNotice, _ surroundings: any Surroundings, _ logger: Logger,
        _ ask: @escaping @Sendable () throws -> Notice?
    ) {
        self.subject = subject
        self.heard = heard
        self.surroundings = surroundings
        self.logger = logger
        self.ask = ask
    }

    func look(_ name: String, every interval: Duration) {
        guard heard.notice == nil, state.withLock({ $0.next.map { surroundings.now >= $0 } ?? true }) else { return }
        do {
            let notice = try ask()
            let wasSilent = state.withLock { state in
                defer { state = State() }
                return state.isSaid
            }
            if wasSilent { logger.error("\(name): \(subject) answers again, and notices are heard") }
            if let notice { heard.note(notice, at: surroundings.now) }
        } catch {
            let retryAfter = (error as? ServiceRefusal)?.retryAfter.map { Duration.seconds($0) }
            let isNews = state.withLock { state in
                state.failures += 1
                let pause = retryAfter ?? interval * (1 << min(state.failures - 1, 8))
                state.next = surroundings.now + min(pause, Self.longestPause)
                defer { if state.failures >= Self.patience { state.isSaid = true } }
                return state.failures == Self.patience && !state.isSaid
            }
            // Ranks other than 0 log nothing less: this is one a host.
            if isNews { logger.error("\(name): no notice can be heard on \(surroundings.host): \(error)") }
        }
    }
}
