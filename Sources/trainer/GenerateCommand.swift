import ArgumentParser
import Foundation
import Lockstep
import SystemPackage
import Terminal

/// `trainer generate`: lets a saved GPT continue a text.
struct GenerateCommand: RankCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Let a saved GPT continue a text.",
        discussion: """
            The sizes have to be those that it was trained with. However it was saved, rank 0 reads all of it and runs it \
            alone: one rank is enough.
            """)

    @Option(help: "The beginning of the text.")
    var prompt = "\n"

    @Option(help: "Bytes to append.")
    var count = 400

    @Option(help: "0 takes the likeliest byte; the higher, the more often others.")
    var temperature: Float = 0.8

    @OptionGroup var options: RunOptions
    @OptionGroup(title: "GPT") var gpt: GPTOptions
    @OptionGroup var saved: SavedNetworkOptions

    func validate() throws {
        try checkCount("--count", count)
        guard temperature >= 0 else {
            throw ValidationError("--temperature is \(temperature); it must not be negative")
        }
    }

    func run(_ launch: Launch) throws -> ExitStatus {
        let world = launch.world
        let network = GPT(try gpt.sizes(over: 1))
        let model = Model(network, lossFn: GPTLoss(), world: world, backend: options.makeBackend(), seed: options.seed)
        let secret = try world.together { try saved.key.load() }
        _ = try saved.load(into: model, orElse: "GPT_train", in: options.directory, secret)
        guard world.rank == 0 else { return .success }
        let generator = TextGenerator(network, on: model.backend)
        do {
            try StandardStream.output.write(prompt)
            try generator.generate(
                count, after: Array(prompt.utf8), temperature: temperature, seed: options.seed
            ) { try StandardStream.output.write([$0]) }
            try StandardStream.output.write("\n")
        } catch let error as FileError where error.errno == .brokenPipe {
            // Who read it has seen enough.
        }
        return .success
    }
}
