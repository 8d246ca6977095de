import Files
import Foundation
import Logging
import SystemPackage

@testable import Stopping
@testable import Watching

private let silent = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }

/// A file in the folder `halt`: it is looked at, is due or not, is told of, and removed, and nothing else is.
func readHaltRequest(_ bytes: [UInt8]) throws {
    let files = try Walls(["halt/a.json": bytes, "kept.json": [1]])
    let directory = HaltDirectory(ofRun: Walls.folder, files: files)
    let request = Result { try directory.ids().map { try HaltDirectory.request($0, in: bytes) } }
    let pace = RunPace()
    pace.note(position: 7)
    let watch = HaltWatch(directory, answered: nil, pace: pace, logger: silent, in: .system)
    watch.look()
    if watch.poll() != nil {
        _ = watch.details.explanation
        watch.settle()
        require(try directory.ids().isEmpty, "a request that has taken effect stays")
    }
    require(try files.status(of: "/run/kept.json") != nil, "another file is removed")
    _ = try request.get()
}

func readExitConfig(_ bytes: [UInt8]) throws {
    let file = ExitConfigFile(
        "/run/exit.json", files: try Walls(["exit.json": bytes]), logger: silent, in: .system)
    file.look()
    guard file.poll() != nil else { throw Refusal("it asks for nothing") }
    _ = file.details.explanation
}

func readStatus(_ bytes: [UInt8]) throws {
    let files = try Walls(["status.json": bytes])
    guard let status = RunStatus.read(in: Walls.folder, files: files) else { throw Refusal("it is no status") }
    require(
        RunStatus.read(in: Walls.folder, files: try Walls(["status.json": status.json])) == status, "a status changes")
    RunStatus.noteFailure("it failed", in: Walls.folder, files: files, at: Date(timeIntervalSince1970: 1e9))
    require(RunStatus.read(in: Walls.folder, files: files)?.error == "it failed", "a failure is not noted")
}

func readHangReport(_ bytes: [UInt8]) throws {
    let folder = HangFolder(path: Walls.folder, files: try Walls(["rank_0.json": bytes]))
    guard let report = try? JSONDecoder().decode(HangReport.self, from: Data(bytes)) else {
        throw Refusal("it is no report")
    }
    _ = folder.report(ofRank: 0, of: report.run, ranks: 2, beats: 3)
}

/// Bytes that ask for nothing where that is no error.
private struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
