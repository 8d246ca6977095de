public import Collectives
import Files
public import Foundation
import RandomTestKit
public import SurroundingsTestKit
import Synchronization

/// What a simulated rank has: the others, and time and threads of its own.
public struct SimulatedRank: Sendable {
    /// All ranks.
    public let world: any Communicator

    /// Its time, threads and numbers, for `Run(surroundings:)`, `Model.fit(surroundings:)` and code of one's own.
    public let surroundings: VirtualSurroundings
}

/// Many ranks in this process, without MPI: what they do is real, only the time is not.
///
/// ```swift
/// let losses = try SimulatedWorld.run(ranks: 64) { rank in
///     let run = try Run(in: "out", world: rank.world, surroundings: rank.surroundings)
///     …
/// }
/// ```
///
/// One rank runs at a time, until it waits for others or for the time; who comes next is decided by the seed. So whatever the
/// ranks do comes out the same each time, to the order of events. Sums are made in the order of ranks: of two ranks they
/// have the bits that Open MPI gives them; of more, those may differ in the last places.
public enum SimulatedWorld {
    /// Runs `body` on every rank and returns the results in the order of ranks.
    ///
    /// - Parameters:
    ///   - seed: Decides the order in which ranks go on, and numbers that nobody can guess.
    ///   - date: The date at which the ranks' clocks begin.
    ///   - stackByteCount: The stack of a rank, in bytes; what is not used takes no memory.
    /// - Throws: what the first rank to fail has thrown; ``SimulationError`` if ranks wait for each other for ever, or if there
    ///   are no threads for them.
    public static func run<Value: Sendable>(
        ranks: Int, seed: UInt64 = 1, date: Date = Date(timeIntervalSince1970: 1e9), stackByteCount: Int = 1 << 23,
        _ body: @escaping @Sendable (SimulatedRank) throws -> Value
    ) throws -> [Value] {
        precondition(ranks > 0, "a world cannot have \(ranks) ranks")
        let processes = RankProcesses(Scheduler(seed: seed), ranks: ranks)
        let outcomes = Mutex<[Int: Result<Value, any Error>]>([:])
        let firstToFail = Mutex<Int?>(nil)
        let hasThreads = processes.run(stackByteCount: stackByteCount) { rank, world in
            let surroundings = VirtualSurroundings(
                of: rank, in: processes, date: date, seed: seed, host: "node1")
            let outcome = Result { try body(SimulatedRank(world: world, surroundings: surroundings)) }
            outcomes.withLock { $0[rank] = outcome }
            if case .success = outcome { return 0 }
            firstToFail.withLock { $0 = $0 ?? rank }
            return 1
        }
        guard hasThreads else { throw SimulationError.noThreads(ranks: ranks) }
        if let rank = firstToFail.withLock({ $0 }), let outcome = outcomes.withLock({ $0[rank] }) {
            _ = try outcome.get()
        }
        guard processes.stuck.isEmpty else {
            throw SimulationError.stuck(processes.stuck.map { "\($0)" }, ended: processes.endedRanks)
        }
        return try (0..<ranks).map { rank in
            guard let outcome = outcomes.withLock({ $0[rank] }) else { throw SimulationError.endedProcess(rank: rank) }
            return try outcome.get()
        }
    }
}

extension SimulatedWorld {
    /// The program that this process runs.
    private static let program = Mutex<RankProcesses?>(nil)

    /// The rank whose thread runs, of the program that this process runs; nil if it runs none.
    package static var runningRank: Int? {
        program.withLock { $0.map { $0.scheduler.current.process - $0.process(of: 0) } }
    }

    /// Runs a program on every rank that ends with a code, by the time of the system and beside other programs.
    ///
    /// - Returns: the code of the lowest rank that did not end with 0, or 0.
    /// - Throws: ``SimulationError``.
    package static func runProgram(
        ranks: Int, seed: UInt64, stackByteCount: Int = 1 << 23, _ body: @escaping @Sendable (SimulatedRank) -> Int32
    ) throws -> Int32 {
        let processes = RankProcesses(Scheduler(seed: seed, followsSystem: true), ranks: ranks)
        let (system, date) = (SystemSurroundings(), Date())
        program.withLock { $0 = processes }
        defer { program.withLock { $0 = nil } }
        let hasThreads = processes.run(stackByteCount: stackByteCount) { rank, world in
            let surroundings = VirtualSurroundings(
                of: rank, in: processes, date: date, seed: system.unguessableNumber(), host: system.host,
                processIdentifier: system.processIdentifier)
            return body(SimulatedRank(world: world, surroundings: surroundings))
        }
        guard hasThreads else { throw SimulationError.noThreads(ranks: ranks) }
        guard processes.stuck.isEmpty else {
            throw SimulationError.stuck(processes.stuck.map { "\($0)" }, ended: processes.endedRanks)
        }
        return processes.codes.first { $0 != 0 } ?? 0
    }
}

extension VirtualSurroundings {
    /// Those of a rank's process.
    convenience init(
        of rank: Int, in processes: RankProcesses, date: Date, drift: Double = 0, seed: UInt64, host: String,
        processIdentifier: Int? = nil
    ) {
        let process = processes.process(of: rank)
        var chance = Chance(seed: seed &+ UInt64(process) &* 0x9E37_79B9)
        self.init(
            processes.scheduler, process: process, date: date, drift: drift, seed: chance.seed(), host: host,
            processIdentifier: processIdentifier ?? 1000 + process
        ) { code in processes.end(rank, .exited(code)) }
    }
}

extension RankProcesses {
    /// The codes that ranks have ended with by themselves, in the order of ranks.
    var codes: [Int32] {
        ends.compactMap { end in
            guard case .exited(let code)? = end else { return nil }
            return code
        }
    }

    /// The ranks that have ended by themselves.
    var endedRanks: [Int] {
        ends.indices.filter {
            if case .exited = ends[$0] { return true }
            return false
        }
    }
}

/// A simulated world that cannot go on.
public enum SimulationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// All ranks that are left wait for each other, or for one that has ended; who waits for whom, in sentences.
    case stuck([String], ended: [Int])
    /// The system has too few threads.
    case noThreads(ranks: Int)
    /// A rank has ended its process, as a watchdog does.
    case endedProcess(rank: Int)

    /// What is the matter.
    public var description: String {
        switch self {
        case .stuck(let waits, let ended):
            "nobody can go on: " + waits.prefix(8).joined(separator: "; ") + (waits.count > 8 ? "; …" : "")
                + (ended.isEmpty
                    ? "" : "; ended by then: \(ended.prefix(8).map { "rank \($0)" }.joined(separator: ", "))")
        case .noThreads(let ranks):
            "the system has no threads for \(ranks) ranks; allow more (ulimit -u, pids.max) or simulate fewer"
        case .endedProcess(let rank): "rank \(rank) has ended its process"
        }
    }
}
