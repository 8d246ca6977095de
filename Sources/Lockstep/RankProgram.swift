import Collectives
public import Files
import Foundation
import Kernels
import Memory
public import OpenMPI
import Runs
import Stopping

/// The frame of a program of ranks without a command line: what goes wrong is one sentence of one rank and one exit code, and no
/// rank is left waiting.
///
/// ```swift
/// RankProgram.main { mpi in
///     let model = Model(…, world: mpi.world)
///     try model.train(5, data, callbacks: [LossMonitor()])
/// }
/// ```
///
/// A `TrainingProgram` of `RunsCommandLine` has a frame of its own.
public enum RankProgram {
    /// Starts MPI, calls `body`, leaves MPI and exits: with 0; with the status of a ``RunFailure``; with 65 after a
    /// ``NonFiniteError``, 78 after an error that starting again cannot mend, and 1 after any other.
    ///
    /// If all ranks throw the same, it is said once; else the lowest that throws is named. If only some throw, while others
    /// wait in a collective that never comes about, all are ended after five seconds.
    public static func main(
        in surroundings: any Surroundings = .system, _ body: (MPIEnvironment) throws -> Void
    ) -> Never {
        StandardStream.prepare()
        if let misfit = Processor.misfit() {
            say("it \(misfit)")
            exit(ExitStatus.failure.rawValue)
        }
        let environment: MPIEnvironment
        let end: CommonEnd
        do {
            environment = try MPIEnvironment()
            end = try CommonEnd(of: environment.world, in: surroundings)
        } catch {
            say("\(error)")
            exit(ExitStatus.failure.rawValue)
        }
        let failure = failure(in: environment, body)
        do {
            let status = try end.join(failure, otherwise: { environment.abort(code: $0) })
            try environment.finalize()
            exit(status)
        } catch {
            // The ranks cannot reach each other any more.
            say("\(failure ?? error)")
            environment.abort(code: ExitStatus.failure.rawValue)
        }
    }

    private static func failure(in environment: MPIEnvironment, _ body: (MPIEnvironment) throws -> Void) -> (any Error)?
    {
        do {
            try ErrorInWords.inWords { try body(environment) }
            return nil
        } catch {
            return error
        }
    }

    /// Says a sentence in the name of the program.
    fileprivate static func say(_ sentence: String) {
        let program = URL(filePath: CommandLine.arguments.first ?? "program").lastPathComponent
        StandardStream.error.offer("\(program): error: \(sentence.visible)\n")
    }
}

/// Where all ranks of a program meet at its end, whatever each of them has come from.
private struct CommonEnd {
    // A group of its own, so that whoever waits here disturbs nobody in a collective of the program.
    private let world: any Communicator
    private let surroundings: any Surroundings
    private let failed = Slice<Int64>(zeros: 1)
    private let meeting: any AllReduceRequest

    /// How often a rank that failed looks for the others, and how long it sleeps in between.
    private static let looks = 500
    private static let pause: Duration = .milliseconds(10)

    init(of world: any Communicator, in surroundings: any Surroundings) throws(CollectiveError) {
        self.surroundings = surroundings
        self.world = try world.split(color: 0, key: world.rank, name: "the end of the program")
        meeting = self.world.allReduceRequest(over: failed, with: .minimum)
    }

    /// Waits for all ranks, says what is to be said, and returns the code that all exit with. A rank that failed does not
    /// wait for ever, but calls `leave` with its code.
    func join(_ error: (any Error)?, otherwise leave: (Int32) -> Never) throws -> Int32 {
        if let error = error as? CollectiveError { throw error }
        let failed = failed
        var own = failed.mutableSpan
        own[0] = error == nil ? .max : Int64(world.rank)
        try meeting.start()
        guard let error else {
            try meeting.wait()
            return try tell(nil)
        }
        for _ in 0..<Self.looks {
            if try meeting.test() { return try tell(error) }
            surroundings.sleep(for: Self.pause)
        }
        RankProgram.say(world.size > 1 ? "\(RankFailure(rank: world.rank, reason: "\(error)"))" : "\(error)")
        leave(ExitStatus(of: error).rawValue)
    }

    /// All ranks are here: the lowest that failed says so for all.
    private func tell(_ error: (any Error)?) throws(CollectiveError) -> Int32 {
        let first = failed.span[0]
        guard first != .max else { return ExitStatus.success.rawValue }
        let sentence = error.map { "\($0)" } ?? ""
        let isCommon = try world.firstDifference(Array(sentence.utf8)) == nil
        var codes = [error.map { ExitStatus(of: $0).rawValue } ?? 0]
        var span = codes.mutableSpan
        try world.broadcast(&span, from: Int(first))
        if world.rank == Int(first) {
            RankProgram.say(isCommon ? sentence : "\(RankFailure(rank: world.rank, reason: sentence))")
        }
        return codes[0]
    }
}
