public import Foundation

/// The executables of this package, as tests start them.
public enum BuiltProgram {
    /// The file of an executable target: in the folder that `LOCKSTEP_PROGRAMS` names, or beside the test bundle, which on Linux
    /// is the running program.
    ///
    /// Programs of a release build start and train in a fifth of the time, which counts where hundreds are started.
    public static func file(_ name: String) -> URL { folder.appending(path: name) }

    private static let folder =
        ProcessInfo.processInfo.environment["LOCKSTEP_PROGRAMS"].map { URL(filePath: $0, directoryHint: .isDirectory) }
        ?? (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).deletingLastPathComponent()
}

/// How a run of a program without `mpirun` ended, and what it said.
public struct CommandOutcome {
    /// The code that it ended with.
    public let status: Int32

    /// What it wrote to standard output.
    public let output: String

    /// What it wrote to standard error.
    public let errors: String

    /// Runs an executable of this package to its end; throws if it cannot be started.
    public init(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = BuiltProgram.file(program)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }
}
