import Files
import Foundation
import Testing

struct VersionTests {
    /// The section of the changelog that comes after "Unreleased" is that of the version in the code.
    @Test func changelogNamesTheVersion() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../CHANGELOG.md").standardizedFileURL
        let sections = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("## ") }
        let released = try #require(sections.first { $0 != "## Unreleased" })
        #expect(released.hasPrefix("## \(LockstepVersion.current) - "), "\(released)")
        #expect(released.wholeMatch(of: /## \d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}/) != nil, "\(released)")
    }
}
