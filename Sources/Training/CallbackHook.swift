/// A hook of a callback, with its name for reports.
struct CallbackHook {
    let name: String
    let method: (Callback) -> (RunContext) throws -> Void

    static var contribution: Self { Self(name: "contribute", method: Callback.contribute) }
    static var trainBegin: Self { Self(name: "onTrainBegin", method: Callback.onTrainBegin) }
    static var trainEpochBegin: Self { Self(name: "onTrainEpochBegin", method: Callback.onTrainEpochBegin) }
    static var trainStepBegin: Self { Self(name: "onTrainStepBegin", method: Callback.onTrainStepBegin) }
    static var trainStepEnd: Self { Self(name: "onTrainStepEnd", method: Callback.onTrainStepEnd) }
    static var trainEpochEnd: Self { Self(name: "onTrainEpochEnd", method: Callback.onTrainEpochEnd) }
    static var trainEnd: Self { Self(name: "onTrainEnd", method: Callback.onTrainEnd) }
    static var evalBegin: Self { Self(name: "onEvalBegin", method: Callback.onEvalBegin) }
    static var evalEpochBegin: Self { Self(name: "onEvalEpochBegin", method: Callback.onEvalEpochBegin) }
    static var evalStepBegin: Self { Self(name: "onEvalStepBegin", method: Callback.onEvalStepBegin) }
    static var evalStepEnd: Self { Self(name: "onEvalStepEnd", method: Callback.onEvalStepEnd) }
    static var evalEpochEnd: Self { Self(name: "onEvalEpochEnd", method: Callback.onEvalEpochEnd) }
    static var evalEnd: Self { Self(name: "onEvalEnd", method: Callback.onEvalEnd) }
}
