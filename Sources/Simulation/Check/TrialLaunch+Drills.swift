import Drills
import Glibc

extension TrialLaunch {
    /// The drills that do to real ranks about what a mishap does here, where it strikes; nil where none can.
    func drills(for kind: Mishap.Kind) -> [Drill]? {
        switch kind {
        case .kill(let rank): [drill(.signal(SIGKILL), rank)]
        case .loseHost(let host): (0..<ranks).filter { self.host(of: $0) == host }.map { drill(.signal(SIGKILL), $0) }
        case .signal(let rank): [drill(.signal(SIGTERM), rank)]
        case .endedByLauncher: [Drill(.signal(SIGTERM), at: .launcher, moment(of: 0))]
        case .call(let rank): [drill(.stop, rank)]
        case .halt(.now): [drill(.halt, 0)]
        case .configFile: [drill(.file, 0)]
        case .failure(let rank): [drill(.error, rank)]
        case .pause(let rank, let seconds): [drill(.stall, rank, for: .seconds(seconds))]
        case .stall(let rank): [drill(.stall, rank, for: Self.stallTime)]
        case .loseLauncher, .powerFailure, .notice, .halt, .withdrawal, .slowNetwork, .cut, .split, .slowRank, .overlap,
            .shiftClock:
            nil
        }
    }

    private func drill(_ action: Drill.Action, _ rank: Int, for duration: Duration? = nil) -> Drill {
        Drill(action, at: .rank(rank), moment(of: rank), for: duration)
    }

    /// Where a rank is, as drills say it.
    private func moment(of rank: Int) -> Drill.Moment {
        let report = reports[min(rank, ranks - 1)]
        switch phase {
        case .start: return .startup
        case .resume: return .load
        case .train: return .step(report.step + 1)
        case .write, .publish, .retain: return .save(published.count + 1)
        }
    }
}

/// A launch of a simulated run as one of real ranks.
package struct DrilledLaunch: Sendable, CustomStringConvertible {
    let ranks: Int
    var drills: [Drill] = []

    /// As in "mpirun -n 4 trainer --drill 'kill@rank2:step3'".
    package var description: String {
        let all = drills.map { "\($0)" }.joined(separator: "; ")
        return "mpirun -n \(ranks) trainer" + (drills.isEmpty ? "" : " --drill '\(all)'")
    }
}
