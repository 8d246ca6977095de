import Foundation
import FoundationXML
import Testing

@testable import Goodput

/// The page: it needs nothing from elsewhere, and says what the plan says.
struct PlanPageTests {
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var references: [String] = []
        var texts = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements[name, default: 0] += 1
            references += ["href", "src", "xlink:href", "data", "action"].compactMap { attributes[$0] }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { texts += string }
    }

    @Test func itIsWellFormedAndAlone() throws {
        var request = PlanRequest()
        request.effort = .quick
        request.ranks = 4096
        let plan = try Plan(request)
        let html = PlanPage(plan).html
        let reader = Reader()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = reader
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in line \(parser.lineNumber)")
        #expect(reader.references == [])
        #expect(reader.elements["script"] == nil && reader.elements["link"] == nil && reader.elements["img"] == nil)
        #expect(!html.contains("http") && !html.contains("url(") && !html.contains("@import"))
        #expect((reader.elements["svg"] ?? 0) >= 3 && reader.elements["table"] == 2)
        #expect(html.contains("prefers-color-scheme: dark"))
        #expect(reader.texts.contains("save every \(plan.intervalSeconds.asTime)"))
        #expect(!html.contains("nan") && !html.contains("inf"))
        for strategy in plan.strategies { #expect(reader.texts.contains(strategy.name)) }
        for phase in DayPhase.allCases { #expect(html.contains("<rect class=\"\(phase.rawValue)\"")) }
    }

    @Test func timesAndSizesReadWell() {
        #expect(
            [0.0, 0.034, 0.5, 45, 119.4, 600, 7200, 100_000, 864_000].map(\.asTime) == [
                "0 ms", "34 ms", "0.5 s", "45 s", "119 s", "10 min", "2 h", "27.8 h", "10 d",
            ])
        #expect([0.0, 999, 20e9, 1.25e9, 999.6e6].map(\.asBytes) == ["0 B", "999 B", "20 GB", "1.25 GB", "1 GB"])
        #expect([0, 999, 1000, 1_234_567].map(\.grouped) == ["0", "999", "1,000", "1,234,567"])
    }
}
