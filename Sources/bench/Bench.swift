import ArgumentParser
import Files
import Kernels

/// The command `bench`: Lockstep's speed beside that of others, as Markdown tables.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures Lockstep beside others and prints Markdown tables.",
        discussion: """
            Contestants run in turns (ours, theirs, ours, theirs, …) so that a busy machine slows both alike. What is \
            printed are medians; a ratio is the median of the ratios of neighbouring runs.
            """,
        subcommands: [
            AllBench.self, MatmulBench.self, GPTBench.self, LeNetBench.self, ResNetBench.self, LSTMBench.self,
            NetworksBench.self, StartBench.self, AgreementBench.self, AllReduceBench.self, ScaleBench.self,
            CheckpointBench.self, IntegratedBench.self,
            WorkerCommand.self,
        ])

    static func main() {
        StandardStream.prepare()
        main(CommandArguments.texts)
    }

    func validate() throws {
        if let misfit = Processor.misfit() { throw ValidationError("bench \(misfit)") }
    }
}
