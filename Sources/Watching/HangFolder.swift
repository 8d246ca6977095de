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

    /// The reports of a run, of those ranks that are at the same agreement, or one beside it.
    package func reports(of run: String, ranks: Int, beats: Int) -> [HangReport] {
        (0..<ranks).compactMap { rank in
            guard let bytes = try? files.contents(of: file(ofRank: rank), limit: Self.byteLimit),
                let report = try? JSONDecoder().decode(HangReport.self, from: Data(bytes))
            else { return nil }
            // Whoever can write here could say anything.
            let isSound = (report.call?.members ?? []).allSatisfy((0..<ranks).contains)
            return isSound && report.run == run && report.rank == rank
                && (beats - 1...beats + 1).contains(report.beats) ? report : nil
        }
    }

    private func file(ofRank rank: Int) -> FilePath { path.appending("rank_\(rank).json") }
}
