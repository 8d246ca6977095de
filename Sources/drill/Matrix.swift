import Glibc
import Training

/// All cells of {each rank, and the launcher} × {every moment} × {every way to ask for a stop}.
struct Matrix {
    let ranks: Int
    let steps: Int

    private static let ways: [Drill.Action] = [.signal(SIGTERM), .signal(SIGUSR1), .file, .stop]

    /// All cells, or some of them.
    func cells(sample: Int?, using generator: inout SeededGenerator) -> [Scenario] {
        let all = targets.flatMap { target in
            Self.ways.flatMap { way in Self.isPossible(way, for: target) ? cells(target, way) : [] }
        }
        return sample.map { Array(all.shuffled(using: &generator).prefix($0)) } ?? all
    }

    private var targets: [Drill.Target] { (0..<ranks).map { .rank($0) } + [.launcher] }

    /// A launcher has neither callbacks nor files: it is asked by a signal.
    private static func isPossible(_ way: Drill.Action, for target: Drill.Target) -> Bool {
        guard target == .launcher, case .signal = way else { return target != .launcher }
        return true
    }

    private func cells(_ target: Drill.Target, _ way: Drill.Action) -> [Scenario] {
        let middle = steps / 4
        let moments: [Drill.Moment] = [
            .startup, .step(middle), .evaluation(1), .save(1), .epoch(1), .lastStep,
        ]
        let cells = moments.map { Scenario([Drill(way, at: target, $0)]) }
        let loading = Scenario([Drill(way, at: target, .load)], from: .stoppedRun)
        // Another rank has asked already.
        let first = Drill(.signal(SIGTERM), at: .rank((askedRank(target) + 1) % ranks), .step(middle))
        let stopping = Scenario([first, Drill(way, at: target, .stopping)])
        return cells + [loading, stopping]
    }

    private func askedRank(_ target: Drill.Target) -> Int {
        switch target {
        case .rank(let rank): rank
        case .launcher: 0
        }
    }
}
