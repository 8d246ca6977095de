import Foundation
import Testing

/// The page of the documentation about deliberate differences says all that the replays of MindSpore's traces excuse.
struct DifferencesPageTests {
    private static let page: String = {
        let url = URL(filePath: #filePath).appending(
            path: "../../../../Sources/Lockstep/Documentation.docc/Differences.md")
        guard let text = try? String(contentsOf: url.standardizedFileURL, encoding: .utf8) else {
            fatalError("there is no page \(url.path(percentEncoded: false))")
        }
        return text
    }()

    /// A line of the page for each case that differs.
    private static let differing: [String] = {
        let tables: [[String: String]] = [
            orderDifferences.mapValues(\.reason), namesDifferences.mapValues(\.reason),
            monitorDifferences.mapValues(\.reason), contextDifferences.mapValues(\.reason),
            checkpointMonitorDifferences.mapValues(\.reason), exitDifferences.mapValues(\.reason),
            distributedExitDifferences.mapValues(\.reason),
        ]
        return tables.flatMap { table in table.map { "- `\($0)`: \($1)" } }
    }()

    /// The reasons for which constructors take or refuse other arguments.
    private static func constructing() -> Set<String> {
        let cases = TraceFile("config_validation.json").contents["cases"].array.map {
            ConfigCase(target: $0["target"].string ?? "", json: $0)
        }
        return cases.reduce(into: []) { lines, configCase in
            if case .differs(let reason) = configCase.replay() { lines.insert("- \(configCase.target): \(reason)") }
        }
    }

    /// The reasons for which cases cannot be written down in Swift, each with its cases.
    private static let notExpressible: [String] = {
        let tables = [
            orderNotExpressible, namesNotExpressible, monitorNotExpressible, contextNotExpressible,
            checkpointMonitorNotExpressible, exitNotExpressible, distributedExitNotExpressible,
        ]
        let byReason = Dictionary(grouping: tables.flatMap { Array($0) }, by: \.value)
        return byReason.map { reason, cases in
            "- \(reason) (\(cases.map { "`\($0.key)`" }.sorted().joined(separator: ", ")))"
        }
    }()

    @Test func everyDifferenceStandsOnThePage() {
        let prefixes = prefixDifferences.map { "- `\($0)`: the prefix becomes `\($1)`." }
        let wanted = Self.differing + prefixes + Self.constructing() + Self.notExpressible
        let lines = Set(Self.page.split(separator: "\n").map(String.init))
        let missing = wanted.filter { !lines.contains($0) }.sorted()
        #expect(missing.isEmpty, "Differences.md lacks these lines:\n\(missing.joined(separator: "\n"))")
        #expect(wanted.count > 60)
    }

    /// Nor does it say more: a difference that was given up goes from the page too.
    @Test func thePageListsNothingElse() {
        let listed = Self.page.split(separator: "\n").filter { $0.hasPrefix("- `") && $0.contains("`: ") }.count
        #expect(listed == Self.differing.count + prefixDifferences.count)
    }
}
