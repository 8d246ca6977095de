import ArgumentParser
import Foundation
import Lockstep
import RunsCommandLine
import SystemPackage
import Terminal

/// `trainer generate`: lets a saved GPT continue a text.
struct GenerateCommand: SavedNetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Let a saved GPT continue a text.",
        discussion: """
            It has the sizes that it was trained with. However it was saved, rank 0 reads all of it and runs it \
            alone: one rank is enough.
            """)

    static let taskName: String? = "GPT"

    @Option(help: "The beginning of the text.")
    var prompt = "\n"

    @Option(help: "Bytes to append.")
    var count = 400

    @Option(help: "0 takes the likeliest byte; the higher, the more often others.")
    var temperature: Float = 0.8

    @OptionGroup var model: ModelOptions
    @OptionGroup var options: RunOptions
    @OptionGroup(title: "GPT") var gpt: GPTOptions
    @OptionGroup var saved: SavedNetworkOptions
    @OptionGroup(title: "Stopping") var stopping: StopArguments

    func validate() throws {
        try checkCount("--count", count)
        guard temperature >= 0 else {
            throw ValidationError("--temperature is \(temperature); it must not be negative")
        }
    }

    func run(_ launch: Launch) throws -> ExitStatus {
        let world = launch.world
        let requests = try launch.requests(options, stopping)
        let network = GPT(try gpt.sizes(over: 1))
        let model = Model(network, lossFn: GPTLoss(), world: world, backend: options.makeBackend(), seed: options.seed)
        _ = try saved.load(into: model, orElse: "GPT_train", in: options.directory)
        try requests.agree()
        if requests.stop == nil { try generate(by: model, network, requests) }
        requests.settle()
        return requests.stop == nil ? .success : ExitStatus(rawValue: stopping.requeueExitCode)
    }

    /// Rank 0 generates; after each byte all ranks agree whether to go on, until it brings a 1.
    private func generate(by model: Model, _ network: GPT, _ requests: StopRequests) throws {
        guard model.world.rank == 0 else {
            while try requests.agree() == 0, requests.stop == nil {}
            return
        }
        var failure: (any Error)?
        var visible = VisibleBytes()
        let output = StandardStream.output
        do {
            try output.write(prompt)
            try TextGenerator(network, on: model.backend).generate(
                count, after: Array(prompt.utf8), temperature: temperature, seed: options.seed,
                until: {
                    try requests.agree()
                    return requests.stop != nil
                }
            ) { byte in
                // A terminal would do what the bytes say; a file or a program gets them as they are.
                if output.isTerminal { try output.write(visible.take(byte)) } else { try output.write([byte]) }
            }
            try output.write("\n")
        } catch let error as FileError where error.errno == .brokenPipe {
            // Who read it has seen enough.
        } catch let error where !(error is CollectiveError) {
            failure = error
        }
        if requests.stop == nil {
            try requests.agree(failure, bringing: 1)
        } else if let failure {
            throw failure
        }
    }
}
