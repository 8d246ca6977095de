import ArgumentParser
import Files
import SystemPackage

/// Where a command writes, and whether it may replace what is there.
struct OutputOptions: ParsableArguments {
    @Argument(help: "The file to write.")
    var output: String

    @Flag(help: "Replace the output if it exists.")
    var force = false

    var file: OutputFile { OutputFile(FilePath(text: output), mayReplace: force) }
}
