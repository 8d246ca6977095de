public import ArgumentParser
public import Lockstep

/// A command that all ranks run together.
public protocol RankCommand: ParsableCommand {
    /// Runs it, and returns how the program ends. What it throws, it throws on all ranks alike.
    func run(_ launch: Launch) throws -> ExitStatus
}

/// A command that one process runs by itself, anywhere and without MPI.
public protocol PlainCommand: ParsableCommand {}
