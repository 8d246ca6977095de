import Collectives
import CollectivesTestKit
import Runs
import Training

/// A recorded order of calls, and the means to bring it about again.
struct OrderCase: Sendable {
    let name: String
    let json: JSON
    /// What was recorded, from here or from the case that has the same events.
    let events: [String]

    /// What came of a replay on one rank.
    struct Outcome: Sendable {
        var events: [String] = []
        var returnedKeys: [String]?
        var error: (any Error)?
    }

    static let file = TraceFile("callback_order.json")

    static let all: [OrderCase] = {
        let cases = file.cases()
        let recorded = Dictionary(uniqueKeysWithValues: cases.map { ($0.name, $0.json["events"].string) })
        return cases.map { traceCase in
            let text = recorded[traceCase.json["same_events_as"].string ?? traceCase.name] ?? nil
            return OrderCase(name: traceCase.name, json: traceCase.json, events: events(in: text ?? ""))
        }
    }()

    static func named(_ name: String) -> OrderCase {
        guard let found = all.first(where: { $0.name == name }) else { fatalError("there is no case \(name)") }
        return found
    }

    private static func events(in text: String) -> [String] {
        text.split(separator: "; ").map(String.init)
    }

    /// The name of the error that MindSpore raised.
    var raised: String? { json["raised"]["type"].string }

    /// The hook in which callback A asks for a stop or raises, whichever the case is about.
    var hookOfA: Hook? { (json["stop_in"].string ?? json["raise_in"].string).flatMap(Hook.init) }

    var asksForStop: Bool { json["stop_in"] != .null }

    /// Runs the case on one rank of a world. On ranks that do not `act`, no callback asks for a stop or raises.
    func replay(on world: any Communicator = SoloCommunicator(), acts: Bool = true) -> Outcome {
        var outcome = Outcome()
        let log = EventLog()
        do {
            outcome.returnedKeys = try run(smallModel(world: world), callbacks(log, acts: acts))
        } catch {
            outcome.error = error
        }
        outcome.events = log.events
        return outcome
    }

    private func run(_ model: Model, _ callbacks: [Callback]) throws -> [String]? {
        let batchSize = max(2, model.world.size)
        let epochs = json["epochs"].int ?? 2
        let data = try smallLoader(steps: json["steps_per_epoch"].int ?? 3, batchSize: batchSize)
        switch json["api"].string {
        case "train":
            try model.train(epochs, data, callbacks: callbacks, initialEpoch: json["initial_epoch"].int ?? 0)
        case "fit":
            // The cases that raise do not say how many steps a validation has; it had two.
            let hasValidation = name != "fit/new without valid_dataset"
            let validation = try smallLoader(steps: json["valid_steps"].int ?? 2, batchSize: batchSize)
            try model.fit(
                epochs, data, hasValidation ? validation : nil, validFrequency: validFrequency, callbacks: callbacks)
        default:
            let data = try smallLoader(steps: json["eval_steps"].int ?? 3, batchSize: batchSize)
            return try model.eval(data, callbacks: callbacks).keys.sorted()
        }
        return nil
    }

    private var validFrequency: ValidationFrequency {
        guard case .array(let epochs) = json["valid_frequency"] else {
            return .every(json["valid_frequency"].int ?? 1)
        }
        return .epochs(epochs.compactMap(\.int))
    }
}

extension OrderCase {
    /// The callbacks that the recorded events name.
    private func callbacks(_ log: EventLog, acts: Bool) throws -> [Callback] {
        var names: [String] = []
        for event in events {
            let name = String(event.prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        let callbacks = try names.map { try callback($0, log, acts: acts) }
        return name == "train/same object twice in list" ? callbacks + callbacks : callbacks
    }

    private func callback(_ name: String, _ log: EventLog, acts: Bool) throws -> Callback {
        switch name {
        case "O": return OldRecorder(name, log)
        case "X": return MixedRecorder(name, log)
        case "LossMonitor": return Recorder(name, log, for: try LossMonitor { _ in })
        case "TimeMonitor": return Recorder(name, log, for: try TimeMonitor { _ in })
        default:
            let recorder = Recorder(name, log)
            recorder.notesEnterAndExit = events.contains { $0.contains("__enter__") }
            recorder.swallowsErrors = name == "A" && self.name.contains("A.__exit__ returns True")
            if acts { recorder.action = action(of: name) }
            return recorder
        }
    }

    private func action(of name: String) -> (Hook, Int, RunContext) throws -> Void {
        let stopAtCall = json["stop_at_call"].int ?? 1
        let (hookOfA, asksForStop) = (hookOfA, asksForStop)
        let raisesInB = self.name.hasPrefix("train/enter-exit, ")
        return { hook, call, context in
            if name == "B", raisesInB, hook == .trainStepEnd { throw Boom() }
            guard name == "A", hook == hookOfA else { return }
            guard asksForStop else { throw Boom() }
            if call == stopAtCall { context.requestStop() }
        }
    }
}
