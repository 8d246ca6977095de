import Drills
import Glibc
import RandomTestKit

/// What is done to one run.
struct Scenario {
    /// What the run begins with.
    enum Beginning {
        /// Nothing.
        case nothing
        /// A set that an earlier run was stopped with.
        case stoppedRun
        /// An older set of that run, to which its user goes back.
        case olderSet
    }

    let drills: [Drill]
    let beginning: Beginning

    init(_ drills: [Drill], from beginning: Beginning = .nothing) {
        self.drills = drills
        self.beginning = beginning
    }

    /// The step of the set that the run begins with; nil if it begins anew.
    var firstStep: Int? {
        switch beginning {
        case .nothing: nil
        case .stoppedRun: Stage.stoppedStep
        case .olderSet: Stage.olderStep
        }
    }

    var text: String { drills.map(\.description).joined(separator: "; ") }

    /// The exit codes that are documented for what is done.
    var allowedCodes: Set<Int32> { Set(drills.flatMap(\.allowedCodes)) }

    /// The signals that ask a program to stop.
    static let stopSignals = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]
}

extension Drill {
    fileprivate var allowedCodes: [Int32] {
        switch action {
        case .signal(let number) where Scenario.stopSignals.contains(number): [0]
        case .signal(SIGSTOP): [75]
        case .signal(let number): [128 + number]
        case .stall: duration == nil ? [75] : [0]
        case .slow, .stop, .file, .halt: [0]
        // Some operations of a save may fail without harm.
        case .diskFull, .inputOutputError: [0, 1, 74]
        case .error: [1, 74]
        }
    }

    /// Whether it asks for a stop, and for nothing else.
    var isRequest: Bool {
        switch action {
        case .signal(let number): Scenario.stopSignals.contains(number)
        case .stop, .file, .halt: true
        default: false
        }
    }
}

extension Scenario {
    /// Draws what happens to a run.
    static func random(on stage: Stage, using generator: inout SeededGenerator) -> Scenario {
        let beginning: Beginning =
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: .stoppedRun
            case 1: .olderSet
            default: .nothing
            }
        var dice = Dice(stage: stage, firstStep: Scenario([], from: beginning).firstStep, generator: generator)
        let drills = dice.drills()
        generator = dice.generator
        return Scenario(drills, from: beginning)
    }
}

/// Draws drills.
private struct Dice {
    let stage: Stage
    /// The step of the set that the run begins with; nil if it begins anew.
    let firstStep: Int?
    var generator: SeededGenerator

    mutating func drills() -> [Drill] {
        let first = drill()
        switch below(10) {
        case 0, 1: return [Drill(.slow, at: .rank(rank()), .everyStep, for: .milliseconds(1 + below(20))), first]
        // Something more while a request is being answered.
        case 2,
            3 where first.isRequest:
            return [first, whileStopping()]
        default: return [first]
        }
    }

    private mutating func drill() -> Drill {
        switch below(20) {
        case 0..<9:
            let action = request()
            guard case .signal = action, below(6) == 0 else { return Drill(action, at: .rank(rank()), moment()) }
            return Drill(action, at: .launcher, moment())
        case 9..<15: return Drill(.signal(pick([SIGKILL, SIGKILL, SIGSEGV, SIGQUIT])), at: .rank(rank()), moment())
        case 15..<17: return Drill(pick([.diskFull, .inputOutputError]), at: .rank(rank()), save())
        case 17: return Drill(.error, at: .rank(rank()), moment())
        case 18: return Drill(.stall, at: .rank(rank()), step())
        default: return Drill(pick([.stall, .signal(SIGSTOP)]), at: .rank(rank()), pick([step(), save()]))
        }
    }

    private mutating func whileStopping() -> Drill {
        let action: Drill.Action = pick([.signal(SIGTERM), .signal(SIGKILL), .signal(SIGUSR1), .error, .signal(SIGINT)])
        return Drill(action, at: .rank(rank()), .stopping)
    }

    private mutating func request() -> Drill.Action {
        pick(Scenario.stopSignals.map { .signal($0) } + [.stop, .file])
    }

    private mutating func moment() -> Drill.Moment {
        switch below(10) {
        case 0: .startup
        case 1: firstStep == nil ? evaluation(1) : .load
        case 2: evaluation(1 + below(4))
        case 3: .epoch(1)
        case 4, 5: save()
        case 6: .lastStep
        default: step()
        }
    }

    /// Without test samples none is measured: a step instead.
    private mutating func evaluation(_ number: Int) -> Drill.Moment {
        stage.hasTests ? .evaluation(number) : step()
    }

    private mutating func step() -> Drill.Moment {
        .step(Int.random(in: (firstStep ?? 0) + 1...stage.steps, using: &generator))
    }

    private mutating func save() -> Drill.Moment { .save(1 + below(3), operation: 1 + below(2)) }

    private mutating func rank() -> Int { below(stage.ranks) }

    private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}
