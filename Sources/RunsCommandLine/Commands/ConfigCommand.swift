import ArgumentParser
import Lockstep

/// `config` of a program: says what its options come to, without running anything.
struct ConfigCommand<Program: TrainingProgram>: PlainCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "config", abstract: "Print the options of a training as a configuration file.",
            discussion: """
                It takes the options of train, and prints what they come to with those of --config and the program's own \
                defaults: a file for --config. Options without a value are left out.
                """)
    }

    @Argument(parsing: .captureForPassthrough, help: "The options of train.")
    var options: [String] = []
}
