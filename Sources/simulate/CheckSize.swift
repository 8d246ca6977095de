import ArgumentParser

/// How much is checked at once.
struct CheckSize: ParsableArguments {
    @Option(help: ArgumentHelp("The most ranks of a launch; a power of two.", valueName: "ranks"))
    var ranks = 8

    @Option(help: ArgumentHelp("How many processes check at once.", valueName: "count"))
    var jobs = 1

    func validate() throws {
        guard ranks >= 1, ranks <= 65_536, ranks.nonzeroBitCount == 1 else {
            throw ValidationError("--ranks is \(ranks); it must be a power of two from 1 to 65536")
        }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs is \(jobs); it must be from 1 to 256") }
    }
}
