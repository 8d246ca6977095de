import Foundation
import MPITestKit
import SystemPackage

extension TestFolder {
    /// Runs lines of bash in this folder, in which `trainer` is the trainer, as one rank without a launcher.
    func shell(_ script: String, environment: [String: String] = [:]) throws -> MPIRunOutcome {
        let trainer = MPIRun.path(of: "trainer")
        let words = ["bash", "-c", "cd \"$FOLDER\"; trainer() { \"$TRAINER\" \"$@\"; }; \(script)"]
        let variables = ["TRAINER": trainer, "FOLDER": path.string, "SWIFT_BACKTRACE": "enable=no"]
        return try MPIRun(
            ranks: 1, "trainer", environment: variables.merging(environment) { $1 }, launcher: .command(words),
            limit: 60
        ).run()
    }
}
