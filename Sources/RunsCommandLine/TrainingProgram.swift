public import ArgumentParser
import Foundation
import Lockstep

/// A program that trains on all ranks: it says what is trained, and gets a whole command line for that.
///
/// ```swift
/// @main
/// struct Curves: TrainingProgram {
///     @Option(help: "Neurons of the hidden layer.") var hidden = 32
///
///     func makeTask(in setting: TaskSetting) throws -> TrainingTask {
///         let network = Curve(hidden)
///         return TrainingTask(
///             name: "Curves", network: network, loss: MSELoss(),
///             optimizer: { steps in Adam(network.trainableParameters, learningRate: 0.01) },
///             data: try DataLoader(samples, batchSize: setting.batchSize ?? 32, shuffle: true))
///     }
/// }
/// ```
///
/// Its own options and flags stand beside those that every run has: when to stop, what to save, how to carry on, the
/// watchdog, drills, records. It has the commands `train` (which needs no name), `evaluate`, `export`, `stop`, `status` and
/// `report`,
/// and those of its own: `subcommands` of its `configuration`, each a ``RankCommand`` or a ``PlainCommand``. Messages call it
/// by the `commandName` of its configuration, or by its type's name in small letters.
public protocol TrainingProgram: ParsableCommand {
    /// Makes what is to be trained or measured. It is called on every rank, which must all make the same.
    ///
    /// What it throws ends all ranks with one sentence, also if only one of them throws. A rank that fails must not leave
    /// others waiting for it: what ranks do together here, such as reading a file with `sharedBy: setting.world`, comes
    /// before what can fail on one of them alone.
    func makeTask(in setting: TaskSetting) throws -> TrainingTask

    /// Its own options that say something of a launch, and nothing of what is trained: a set keeps no record of them, and other
    /// commands do not take them from there. By their names without dashes; none, unless the program says so.
    static var launchOptions: Set<String> { get }

    /// How many ranks share each layer, for a network that is made of parts; 1 unless the program has an option for it.
    var tensorParts: Int { get }
}

extension TrainingProgram {
    /// All of its options are on record.
    public static var launchOptions: Set<String> { [] }

    /// Every rank holds the whole network.
    public var tensorParts: Int { 1 }

    /// Runs the program: parses the command line, joins the world, does what is asked for, and exits.
    public static func main() { ProgramMain<Self>.run(in: .system) }

    /// What messages call it.
    static var programName: String { _commandName }

    /// Makes the task, on all ranks alike.
    func task(in setting: TaskSetting) throws -> TrainingTask {
        try setting.world.alike {
            let task = try ErrorInWords.inWords { try makeTask(in: setting) }
            guard task.hasValidName else { throw BadTaskName(name: task.name) }
            return task
        }
    }
}

/// A task that no file can be called by.
private struct BadTaskName: Error, CustomStringConvertible {
    let name: String

    var description: String {
        "the task is called '\(name)'; files are called by it, so it must be letters, digits, '.', '_' and '-', and begin "
            + "with a letter or a digit"
    }
}
