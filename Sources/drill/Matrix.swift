import Drills
import Glibc
import RandomTestKit

/// All cells of {each rank, and the launcher} × {every moment} × {every way to ask for a stop}.
struct Matrix {
    private let ranks: Int
    private let steps: Int
    private let hasTests: Bool

    init(_ stage: Stage) {
        ranks = stage.ranks
        steps = stage.steps
        hasTests = stage.hasTests
    }

    private static let ways: [Drill.Action] = [.signal(SIGTERM), .signal(SIGUSR1), .file, .stop, .halt]

    /// The cells whose text contains `part`, or some of them.
    func cells(with part: String, sample: Int?, using generator: inout SeededGenerator) -> [Scenario] {
        let all = targets.flatMap { target in
            Self.ways.flatMap { way in Self.isPossible(way, for: target) ? cells(target, way) : [] }
        }
        let chosen = part.isEmpty ? all : all.filter { $0.text.contains(part) }
        return sample.map { Array(chosen.shuffled(using: &generator).prefix($0)) } ?? chosen
    }

    private var targets: [Drill.Target] { (0..<ranks).map { .rank($0) } + [.launcher] }

    /// A launcher has neither callbacks nor files: it is asked by a signal. A halt request is the same whoever lays it
    /// down, and any rank may be the first to see it.
    private static func isPossible(_ way: Drill.Action, for target: Drill.Target) -> Bool {
        switch way {
        case .signal: true
        case .halt: target == .rank(0)
        default: target != .launcher
        }
    }

    private func cells(_ target: Drill.Target, _ way: Drill.Action) -> [Scenario] {
        let middle = steps / 4
        let moments: [Drill.Moment] =
            [.startup, .step(middle)] + (hasTests ? [.evaluation(1)] : []) + [.save(1), .epoch(1), .lastStep]
        let cells = moments.map { Scenario([Drill(way, at: target, $0)]) }
        let loading = Scenario([Drill(way, at: target, .load)], from: .stoppedRun)
        let goneBack = Scenario([Drill(way, at: target, .step(Stage.olderStep + 2))], from: .olderSet)
        // Another rank has asked already.
        let first = Drill(.signal(SIGTERM), at: .rank((askedRank(target) + 1) % ranks), .step(middle))
        let stopping = Scenario([first, Drill(way, at: target, .stopping)])
        return cells + [loading, goneBack, stopping]
    }

    private func askedRank(_ target: Drill.Target) -> Int {
        switch target {
        case .rank(let rank): rank
        case .launcher: 0
        }
    }
}
