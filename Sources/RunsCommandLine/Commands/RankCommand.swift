public import ArgumentParser
public import Lockstep

/// A command that all ranks run together.
public protocol RankCommand: ParsableCommand {
    /// Runs it, and returns how the program ends. What it throws, it throws on all ranks alike.
    func run(_ launch: Launch) throws -> ExitStatus
}

/// A command that one process runs by itself, anywhere and without MPI.
public protocol PlainCommand: ParsableCommand {
    /// Runs it with what it has around it; by default `run()`, which is all that a command without a need of time has.
    mutating func run(in surroundings: any Surroundings) throws
}

extension PlainCommand {
    /// Runs it.
    public mutating func run(in surroundings: any Surroundings) throws { try run() }
}
