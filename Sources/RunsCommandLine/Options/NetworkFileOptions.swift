import ArgumentParser
import Lockstep

/// The options that say what a network is like as MindIR.
struct NetworkFileOptions: ParsableArguments {
    @Flag(help: "Write the network with its loss: from inputs and labels to their mean loss.")
    var includeLoss = false

    @Option(
        help: ArgumentHelp(
            "Parameters of more bytes than this are put into a file beside the .mindir file.", valueName: "bytes"))
    var externalDataLimit = MindIRModel.externalLimit

    func validate() throws {
        guard externalDataLimit >= 0 else {
            throw ValidationError("--external-data-limit is \(externalDataLimit); it must not be negative")
        }
    }

    /// The same for a batch; nil takes any number of samples if the network allows it.
    func options(batch: MindIROptions.Batch? = nil) -> MindIROptions {
        MindIROptions(batch: batch, includesLoss: includeLoss, externalLimit: externalDataLimit)
    }
}

/// Whether a run leaves its network as MindIR.
struct NetworkSavingOptions: ParsableArguments {
    @Flag(
        name: .customLong("save-mindir"), inversion: .prefixedNo,
        help: "Leave the network as MindIR beside the checkpoint, for MindSpore to run.")
    var isWanted = true

    @OptionGroup var form: NetworkFileOptions
}
