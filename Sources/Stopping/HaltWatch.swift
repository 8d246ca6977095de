package import Files
import Foundation
package import Logging
import Synchronization

/// Asks for a stop when a halt request of the run's directory is due.
///
/// A request counts on whichever rank sees it, so a folder that one host sees is enough. It is removed once the run it stopped
/// has published: a run that carries on is not stopped by it again. Until then it can be withdrawn.
package final class HaltWatch: FileStopSource {
    /// How many files a look reads at most: a folder may hold any number of them, and reading takes time from the steps.
    package static let filesPerLook = 1000

    private let directory: HaltDirectory
    private let pace: RunPace
    private let logger: Logger
    private let surroundings: any Surroundings
    private let requests = Mutex(PendingRequests())
    private let due = Mutex<(request: HaltRequest, time: ContinuousClock.Instant)?>(nil)
    /// When the next look is due, if that is not at once.
    private let nextLook = Mutex<ContinuousClock.Instant?>(nil)
    /// How many requests could not be read.
    private let unreadable = Mutex(0)
    private let answered: FileName?
    private let ignored: Set<FileName>

    /// Watches a directory; the request `answered` has stopped the run already, and those `ignoring` names are not for it.
    /// `answered` comes from a manifest; what cannot be the name of a request is ignored.
    package init(
        _ directory: HaltDirectory, answered: String?, ignoring ignored: Set<FileName> = [], pace: RunPace,
        logger: Logger, in surroundings: any Surroundings
    ) {
        self.directory = directory
        self.answered = Mutant.haltNotSettled.isPlanted ? nil : answered.flatMap(FileName.init)
        self.ignored = ignored
        self.logger = logger
        self.pace = pace
        self.surroundings = surroundings
    }

    /// Reads requests anew, since an editor may have overwritten one: the new ones first, then the others in turn, as many as a
    /// look may read.
    package func look() {
        guard nextLook.withLock({ $0.map { surroundings.now >= $0 } ?? true }) else { return }
        let begin = surroundings.processorTime
        let count = look(limit: Self.filesPerLook)
        // Looking at very many must not take more than a twentieth of a processor.
        let pause = count > Self.filesPerLook ? (surroundings.processorTime - begin) * 20 : nil
        nextLook.withLock { $0 = pause.map { surroundings.now + $0 } }
    }

    /// Returns how many requests there are.
    @discardableResult
    private func look(limit: Int) -> Int {
        guard let ids = try? directory.ids().filter({ $0 != answered && !ignored.contains($0) }) else { return 0 }
        for id in requests.withLock({ $0.turn(of: ids, limit: limit) }) {
            let contents = try? directory.contents(of: id)
            let known = requests.withLock { $0[id] }
            // One that cannot be read may be half written, so it is tried again.
            if let known, known.contents == contents { continue }
            let entry = entry(id, contents, isFirstTry: known == nil)
            requests.withLock { $0[id] = entry }
        }
        return ids.count
    }

    package func poll() -> StopReason? {
        due.withLock { due in
            if due == nil, let request = dueRequests().first { due = (request, surroundings.now) }
            return due == nil ? nil : .haltRequest
        }
    }

    package var details: StopDetails {
        guard let (request, time) = due.withLock({ $0 }) else { return StopDetails() }
        return StopDetails(
            request.explanation, requester: "\(request.requester)", time: time, haltRequest: request.id)
    }

    /// Removes the requests that have taken effect, and those that asked for no more meanwhile: the run has saved.
    package func settle() {
        guard !Mutant.haltNotSettled.isPlanted else { return }
        look(limit: .max)
        let latched = due.withLock { $0?.request.id }
        for id in Set((dueRequests().map(\.id) + [latched].compactMap { $0 }).compactMap(FileName.init)) { remove(id) }
    }

    /// Removes the request that had stopped the run before: a kill may have kept it from doing so.
    package func removeAnswered() {
        if let answered { remove(answered) }
    }

    private func remove(_ id: FileName) {
        do {
            try directory.withdraw(id)
        } catch {
            logger.warning("halt request \(id.text.visible) has taken effect and stays: \(error)")
        }
    }

    private func dueRequests() -> [HaltRequest] {
        let figures = pace.figures
        return requests.withLock { $0.due(step: figures.step, sets: figures.publishedSets, in: surroundings) }
    }

    /// Only a few are mentioned: whoever fills the folder must not fill the log.
    private func warnOfUnreadable(_ id: FileName) {
        let count = unreadable.withLock { count in
            count += 1
            return count
        }
        guard count <= Self.warningLimit else { return }
        let more = count == Self.warningLimit ? "; further ones are not told of" : ""
        logger.warning("halt request \(id.text.visible) in \(directory.path) is ignored: it cannot be read\(more)")
    }

    private static let warningLimit = 8

    private func entry(_ id: FileName, _ contents: [UInt8]?, isFirstTry: Bool) -> PendingRequests.Entry {
        guard let contents, let request = try? HaltDirectory.request(id, in: contents) else {
            if isFirstTry { warnOfUnreadable(id) }
            return PendingRequests.Entry(contents: contents, request: nil, due: nil)
        }
        // Part of the delay is over if an earlier run was asked; at most all of it is left.
        let due = request.delay.map { delay in
            let over = surroundings.date.timeIntervalSince(request.asked)
            return surroundings.now + .seconds(min(max(delay - max(over, 0), 0), 1e11))
        }
        return PendingRequests.Entry(contents: contents, request: request, due: due)
    }
}
