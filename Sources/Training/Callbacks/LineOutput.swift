import Collectives
import Files

/// Where a monitor's lines go.
public typealias LineOutput = @Sendable (String) -> Void

/// Prints a line to the standard output at once, also where that is a pipe.
public func printLine(_ line: String) {
    // A reader that has gone away is no reason to end a training.
    StandardStream.output.offer(line + "\n")
}

extension RunContext {
    /// Writes a line on rank 0 of the world; the other ranks would only say the same.
    func report(_ line: String, to output: LineOutput) {
        guard world.rank == 0 else { return }
        output(line)
    }
}
