public import Checkpoints
import Synchronization
public import SystemPackage

/// A set that readers find from now on.
public struct PublishedSet: Sendable {
    /// What it is.
    public let manifest: Manifest

    /// Where its manifest lies.
    public let directory: FilePath

    /// From the begin of the save to here; with an asynchronous one, the steps made meanwhile are in it.
    public let duration: Duration

    /// Whether the run went on while its files were written.
    public var isAsynchronous = false

    /// The path of its manifest.
    public var path: FilePath { directory.appending("\(manifest.name).manifest.json") }
}

/// How far a run is and how fast, for what decides by that when to stop.
final class RunPace: Sendable {
    /// The figures of a moment.
    struct Figures {
        /// The steps made in all.
        var step = 0

        /// How long the slowest step of this run took.
        var slowestStep = Duration.zero

        /// How long the slowest save of this run took; nil before the first.
        var slowestSave: Duration?

        /// The sets that this run has published.
        var publishedSets = 0
    }

    private let state = Mutex(Figures())

    /// The figures of now.
    var figures: Figures { state.withLock { $0 } }

    func note(position step: Int) {
        state.withLock { $0.step = step }
    }

    func note(step duration: Duration) {
        state.withLock { $0.slowestStep = max($0.slowestStep, duration) }
    }

    func note(_ set: PublishedSet) {
        state.withLock { figures in
            figures.publishedSets += 1
            figures.slowestSave = max(figures.slowestSave ?? .zero, set.duration)
        }
    }
}
