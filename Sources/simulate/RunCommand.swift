import ArgumentParser
import Files
import Foundation
import SystemPackage

/// `simulate run`: a training program on many ranks in one process, without MPI.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a training program on many ranks in one process, without MPI.",
        discussion: """
            The program is the one beside this command, as built: simulate run --ranks 64 -- --dp 16 --tp 4 … is \
            trainer --simulated-ranks 64 --dp 16 --tp 4 … . What it saves is what as many real ranks save.
            """)

    @Option(help: ArgumentHelp("How many ranks there are.", valueName: "count"))
    var ranks: Int

    @Option(help: ArgumentHelp("The program: one that lies beside this command, or a path.", valueName: "name"))
    var program = "trainer"

    @Argument(parsing: .postTerminator, help: ArgumentHelp("What the program is told.", valueName: "arguments"))
    var arguments: [String] = []

    func validate() throws {
        guard (1...100_000).contains(ranks) else {
            throw ValidationError("--ranks is \(ranks); it must be from 1 to 100000")
        }
        guard !program.isEmpty else { throw ValidationError("--program is empty; it must be a name or a path") }
    }

    /// Becomes the program, so that signals reach it and its code is ours.
    func run() throws {
        let beside = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let path = program.contains("/") ? program : beside.appending(path: program).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ValidationError("--program is \(program), and there is no program \(path); build it first")
        }
        let errno = ThisProcess.become(FilePath(path), ["--simulated-ranks", "\(ranks)"] + arguments)
        throw ValidationError("cannot start \(path): \(errno)")
    }
}
