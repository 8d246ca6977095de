import ArgumentParser
import Foundation
import Lockstep
import SystemPackage

/// The options that record where the time of a run goes.
struct ProfileOptions: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp(
            "Record what every rank does when, as a trace for ui.perfetto.dev or chrome://tracing, and print where the "
                + "time goes.", valueName: "file"))
    var file: String?

    @Option(name: .customLong("profile-steps"), help: "The steps that are recorded, from the first of this run.")
    var steps = 20

    func validate() throws {
        guard steps >= 1 else { throw ValidationError("--profile-steps is \(steps); it must be at least 1") }
    }

    /// A profile, if one is wanted. That its file can be written is found out now, not after the run.
    func makeProfile(in world: any Communicator, _ surroundings: any Surroundings) throws -> Profile? {
        guard let file else { return nil }
        try world.together { if world.rank == 0 { try Self.write(Data(), to: file) } }
        return Profile(stepLimit: steps, in: surroundings)
    }

    /// Begins to record on all ranks at the same time.
    func begin(_ profile: Profile?, in world: any Communicator) throws {
        guard let profile else { return }
        try world.barrier()
        profile.begin()
    }

    /// Writes what all ranks recorded, and prints where the time of rank 0 went.
    func finish(_ profile: Profile?, in world: any Communicator, _ console: Console) throws {
        guard let file, let profile else { return }
        let trace = try ChromeTrace.collect(profile.spans, in: world)
        try world.together { if let trace { try Self.write(trace, to: file) } }
        console.say(ProfileTable(ProfileSummary(profile.spans)).description)
        console.say("profile: \(file)")
    }

    private static func write(_ data: Data, to file: String) throws {
        do throws(FileError) {
            let target = try LocalFileSystem().create(FilePath(text: file))
            try target.write(Array(data).span)
            try target.close()
        } catch {
            throw ProfileError(file: file, reason: error.reason)
        }
    }
}

/// A file of a profile that cannot be written.
struct ProfileError: Error, CustomStringConvertible {
    let file: String
    let reason: String

    var description: String { "the profile cannot be written to \(file): \(reason)" }
}
