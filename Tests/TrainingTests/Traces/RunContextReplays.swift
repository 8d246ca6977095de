import Collectives
import Files
import Networks
import Testing

@testable import Runs
@testable import Training

/// A run context outside of a run.
func smallContext(world: any Communicator = SoloCommunicator()) -> RunContext {
    RunContext(
        CallbackParameters(mode: .train, network: SmallNetwork()),
        run: RunState(world: world, in: .system, mesh: Placement.whole.mesh))
}

/// What Python printed for an expression, from its counterpart in Swift.
let contextReplays: [String: @Sendable (RunContext) -> String?] = [
    "RunContext({'a':1}).original_args() is same object": { context in
        python(context.originalArgs() === context.originalArgs())
    },
    "get_stop_requested() initially": { python($0.getStopRequested()) },
    "request_stop() returns": { context in python(nothing: context.requestStop()) },
    "get_stop_requested() after": { context in
        context.requestStop()
        return python(context.getStopRequested())
    },
    "request_stop() twice": { context in
        context.requestStop()
        context.requestStop()
        return python(context.getStopRequested())
    },
    "InternalCallbackParam: p['x']": { context in
        context.originalArgs()["x"] = 1
        return context.originalArgs()["x"].map { "\($0)" }
    },
    "InternalCallbackParam: get(missing)": { context in
        context.originalArgs()["missing"] == nil ? "None" : "there"
    },
    "CallbackManager(None)": { "\($0.originalArgs().listCallback)" },
]

private func python(_ value: Bool) -> String { value ? "True" : "False" }
private func python(nothing: Void) -> String { "None" }

private let missingIsNil = DeliberateDifference("What is not there is nil, not an error.") {
    #expect(smallContext().originalArgs()["nope"] == nil)
    #expect(smallContext().originalArgs().netOutputs == nil)
}

/// The expressions that Lockstep answers otherwise on purpose.
let contextDifferences: [String: DeliberateDifference] = [
    "InternalCallbackParam: missing attribute": missingIsNil,
    "InternalCallbackParam: hasattr(missing)": missingIsNil,
]

/// The expressions that cannot be written down in Swift, with the reason.
let contextNotExpressible: [String: String] = [
    "sorted(public attributes of RunContext)": "Swift cannot list the methods of a class while it runs.",
    "RunContext([])": "Only a run makes a context, from its parameters.",
    "RunContext(None)": "Only a run makes a context, from its parameters.",
    "rc.get_args()": "A method that does not exist does not compile.",
    "plain dict: original_args().a": "The parameters are a class with typed properties, never a dictionary.",
    "InternalCallbackParam: p.x": "Attributes of one's own are reached by subscript; properties are declared.",
    "CallbackManager((cb,))": "Swift's types allow only callbacks in a list.",
    "CallbackManager([1])": "Swift's types allow only callbacks in a list.",
]
