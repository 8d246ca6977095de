import Collectives
package import Files
import Foundation
package import SystemPackage

/// Where ranks that cannot talk to each other any more leave their reports.
package struct HangFolder: Sendable {
    package let path: FilePath
    package let files: any FileSystem

    /// Names the folder.
    package init(path: FilePath, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// A report is some hundred bytes; more is not one of ours.
    private static let byteLimit = 1 << 20

    /// Leaves the report of a rank; whoever looks finds it whole or not at all.
    package func leave(_ report: HangReport) throws {
        try files.createDirectory(path)
        try files.replaceContents(of: file(ofRank: report.rank), with: Array(JSONEncoder().encode(report)))
    }

    /// Leaves what the rank that has read all reports says to the others.
    package func leave(_ finding: HangFinding) throws {
        try files.createDirectory(path)
        try files.replaceContents(of: findingFile, with: Array(JSONEncoder().encode(finding)))
    }

    /// What such a rank of a run has left, if it is at the same agreement, or one beside it.
    func finding(of run: String, beats: Int) -> HangFinding? {
        guard let bytes = try? files.contents(of: findingFile, limit: Self.byteLimit),
            let finding = try? JSONDecoder().decode(HangFinding.self, from: Data(bytes))
        else { return nil }
        return finding.run == run && (beats - 1...beats + 1).contains(finding.beats) ? finding : nil
    }

    /// The report of a rank of a run, if it is at the same agreement, or one beside it.
    package func report(ofRank rank: Int, of run: String, ranks: Int, beats: Int) -> HangReport? {
        guard let bytes = try? files.contents(of: file(ofRank: rank), limit: Self.byteLimit),
            let report = try? JSONDecoder().decode(HangReport.self, from: Data(bytes))
        else { return nil }
        // Whoever can write here could say anything.
        let isSound = (report.call?.members ?? []).allSatisfy((0..<ranks).contains)
        return isSound && report.run == run && report.rank == rank
            && (beats - 1...beats + 1).contains(report.beats) ? report : nil
    }

    private var findingFile: FilePath { path.appending("finding.json") }

    private func file(ofRank rank: Int) -> FilePath { path.appending("rank_\(rank).json") }
}

/// What the rank that has read the reports of all tells the others, who need not read them.
package struct HangFinding: Codable, Sendable {
    /// What tells the run from others in the same directory.
    let run: String
    /// How often all ranks had agreed to go on.
    let beats: Int
    /// The ranks that a debugger holds: while there are any, nothing is said.
    let traced: [Int]
}
