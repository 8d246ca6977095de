import Files
import Foundation
import Logging
import Synchronization

/// Asks for a stop when a halt request of the run's directory is due.
///
/// A request counts on whichever rank sees it, so a folder of one host is enough. It is removed once the run it stopped
/// has published: a run that carries on is not stopped by it again. Until then it can be withdrawn.
final class HaltWatch: FileStopSource {
    private let directory: HaltDirectory
    private let pace: RunPace
    private let logger: Logger
    private let requests = Mutex<[String: Entry]>([:])
    private let due = Mutex<(request: HaltRequest, time: ContinuousClock.Instant)?>(nil)
    private let answered: String?
    private let ignored: Set<String>

    /// What is known of a file; without a request if it is none.
    private struct Entry {
        let contents: [UInt8]?
        let request: HaltRequest?
        /// When a request with a delay is due.
        let due: ContinuousClock.Instant?
        var setsBefore: Int?
    }

    /// Watches a directory; the request `answered` has stopped the run already, and those `ignoring` names are not for it.
    init(
        _ directory: HaltDirectory, answered: String?, ignoring ignored: Set<String> = [], pace: RunPace, logger: Logger
    ) {
        self.directory = directory
        self.answered = answered
        self.ignored = ignored
        self.logger = logger
        self.pace = pace
    }

    /// Reads every request anew: one may be written over, by an editor or by hand.
    func look() {
        guard let ids = try? directory.ids() else { return }
        let known = requests.withLock { requests in
            requests = requests.filter { ids.contains($0.key) }
            return requests
        }
        for id in ids where id != answered && !ignored.contains(id) {
            let contents = try? directory.contents(of: id)
            // One that cannot be read may be half written, so it is tried again.
            if let entry = known[id], entry.contents == contents { continue }
            let entry = entry(id, contents, isFirstTry: known[id] == nil)
            requests.withLock { $0[id] = entry }
        }
    }

    func poll() -> StopReason? {
        due.withLock { due in
            if due == nil, let request = dueRequests().first { due = (request, .now) }
            return due == nil ? nil : .haltRequest
        }
    }

    var details: StopDetails {
        guard let (request, time) = due.withLock({ $0 }) else { return StopDetails() }
        return StopDetails(
            request.explanation, requester: "\(request.requester)", time: time, haltRequest: request.id)
    }

    /// Removes the requests that have taken effect, and those that asked for no more meanwhile: the run has saved.
    func settle() {
        look()
        let latched = due.withLock { $0?.request.id }
        for id in Set(dueRequests().map(\.id) + [latched].compactMap { $0 }) { remove(id) }
    }

    /// Removes what had stopped the run already when this one began: a kill may have come before it could be.
    func removeAnswered() {
        if let answered { remove(answered) }
    }

    private func remove(_ id: String) {
        do {
            try directory.withdraw(id)
        } catch {
            logger.warning("halt request \(id.visible) has taken effect and stays: \(error)")
        }
    }

    private func dueRequests() -> [HaltRequest] {
        requests.withLock { requests in
            guard !requests.isEmpty else { return [] }
            let (step, sets) = (pace.figures.step, pace.figures.publishedSets)
            for id in requests.keys where requests[id]?.setsBefore == nil { requests[id]?.setsBefore = sets }
            return requests.values.compactMap { entry in
                guard let request = entry.request else { return nil }
                let isDue =
                    switch request.condition {
                    case .now: true
                    case .afterStep(let number): step >= number
                    case .afterCheckpoints(let count): sets - (entry.setsBefore ?? sets) >= count
                    case .at(let date): entry.due.map { .now >= $0 } ?? (Date() >= date)
                    }
                return isDue ? request : nil
            }.sorted { $0.id < $1.id }
        }
    }

    private func entry(_ id: String, _ contents: [UInt8]?, isFirstTry: Bool) -> Entry {
        guard let contents, let request = try? HaltDirectory.request(id, in: contents) else {
            if isFirstTry {
                logger.warning("halt request \(id.visible) in \(directory.path) is ignored: it cannot be read")
            }
            return Entry(contents: contents, request: nil, due: nil)
        }
        // A part of the delay is over if an earlier run was asked, and all of it is left at most.
        let due = request.delay.map { delay in
            let over = Date().timeIntervalSince(request.asked)
            return ContinuousClock.now + .seconds(min(max(delay - max(over, 0), 0), 1e11))
        }
        return Entry(contents: contents, request: request, due: due)
    }
}
