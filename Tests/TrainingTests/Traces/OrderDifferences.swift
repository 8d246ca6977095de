import Datasets
import Networks
import Runs
import Tensors
import Testing
import Training

/// The cases of `callback_order.json` in which Lockstep does something else on purpose.
let orderDifferences: [String: DeliberateDifference] = [
    "fit/old -> ValueError": DeliberateDifference(
        "The old hooks are no worse than the new ones that call them; MindSpore refuses them in fit by looking at "
            + "the class's own dictionary."
    ) {
        let log = EventLog()
        try smallModel().fit(
            2, smallLoader(steps: 3), smallLoader(steps: 2), callbacks: [OldRecorder("O", log)])
        #expect(log.events == oldEvents(of: OrderCase.named("fit/new/single/pynative/sink=False")))
    },
    "fit/old without valid_dataset -> ValueError too": DeliberateDifference(
        "As with a dataset for validation: fit calls the old hooks."
    ) {
        let log = EventLog()
        try smallModel().fit(2, smallLoader(steps: 3), nil, callbacks: [OldRecorder("O", log)])
        #expect(log.events == OrderCase.named("train/old/single/pynative/sink=False").events)
    },
    "fit/internal Sub": DeliberateDifference(
        "MindSpore tells its own monitors by the name of their class, so that a subclass hears the validation in fit; "
            + "here a subclass inherits `hearsValidation` like anything else."
    ) {
        let recorded = OrderCase.named("fit/internal Sub").events
        let inherited = try fitEvents(of: SubMonitor())
        let overridden = try fitEvents(of: HearingSubMonitor())
        #expect(inherited == recorded.filter { !$0.contains(".v") })
        #expect(overridden == recorded)
    },
    "args/fit valid_frequency=0": DeliberateDifference(
        "It is refused before training, not after the first epoch."
    ) {
        let log = EventLog()
        #expect(throws: ModelError.badValidationFrequency(0)) {
            try smallModel().fit(
                1, smallLoader(steps: 1), smallLoader(steps: 1), validFrequency: .every(0),
                callbacks: [Recorder("A", log)])
        }
        #expect(log.events.isEmpty)
    },
    "args/train: dataset reused by another model": DeliberateDifference(
        "A data loader is a value without a place in it: any number of models may read from one."
    ) {
        let data = try smallLoader(steps: 3)
        for _ in 1...2 {
            let log = EventLog()
            try smallModel().train(2, data, callbacks: [Recorder("A", log)])
            #expect(log.events == OrderCase.named("train/new/single/pynative/sink=False").events)
        }
    },
    "train/dataset returns 3 columns with loss_fn": DeliberateDifference(
        "A model that is given other samples than an input and a label is a programmer's mistake: the process ends "
            + "with a sentence instead of an error in the first epoch."
    ) {
        await #expect(processExitsWith: .failure) {
            let column = Tensor(zeros: [2, 2])
            let data = try DataLoader(TensorDataset([("x", column), ("y", column), ("z", column)]), batchSize: 2)
            try smallModel().train(1, data)
        }
    },
]

private class SubMonitor: LossMonitor {
    init() throws { try super.init { _ in } }
}

private final class HearingSubMonitor: SubMonitor {
    override var hearsValidation: Bool { true }
}

private func fitEvents(of monitor: Callback) throws -> [String] {
    let log = EventLog()
    let callbacks = [Recorder("Sub", log, for: monitor)]
    try smallModel().fit(1, smallLoader(steps: 1), smallLoader(steps: 1), callbacks: callbacks)
    return log.events
}

/// The events of a case with one callback A, as a callback O would hear them in its old hooks.
private func oldEvents(of orderCase: OrderCase) -> [String] {
    let oldNames = Dictionary(uniqueKeysWithValues: Hook.allCases.map { ("A.\($0.mark)", "O.\($0.oldName)") })
    return orderCase.events.map { event in
        let words = event.split(separator: " ", maxSplits: 1).map(String.init)
        return "\(oldNames[words[0], default: words[0]]) \(words[1])"
    }
}

private let listsOnly = "Swift's types allow only callbacks in a list, and only a list or one callback."
private let noSink = "There is no data sinking on a processor, hence no argument for it."
private let tracedNetwork =
    "A network is traced once and does not run in a step, so that it cannot raise there; data that cannot be read is "
    + "tested with the datasets."
private let typed = "Swift's types exclude the value."

/// The cases of `callback_order.json` that cannot be written down in Swift, with the reason.
let orderNotExpressible: [String: String] = [
    "train/sink_size=2 sink=True (CPU ignores sink, batch_num becomes 2)": noSink,
    "args/train sink_size=0": noSink,
    "args/train sink_size=-2": noSink,
    "args/fit sink_size=0": noSink,
    "args/train dataset_sink_mode=1": noSink,
    "train/tuple of callbacks": listsOnly,
    "eval/tuple of callbacks": listsOnly,
    "train/list with non-callback": listsOnly,
    "train/non-callback object": listsOnly,
    "eval/list with non-callback": listsOnly,
    "eval/non-callback object": listsOnly,
    "train/network raises RuntimeError at step 5": tracedNetwork,
    "train/network raises KeyboardInterrupt at step 5": tracedNetwork,
    "train/network raises SystemExit at step 5": tracedNetwork,
    "train/network raises ValueError at step 5": tracedNetwork,
    "eval/network raises at step 2": tracedNetwork,
    "args/train epoch=1.0": typed,
    "args/train epoch=True": typed,
    "args/fit valid_frequency='a'": typed,
]
