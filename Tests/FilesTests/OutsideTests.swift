import Files
import Foundation
import Testing

/// Numbers and texts from outside.
struct OutsideTests {
    @Test(arguments: [("0", 0), ("007", 7), ("9007199254740992", 1 << 53)])
    func digitsAreANumber(text: String, number: Int) {
        #expect(OutsideNumber(text)?.value == number)
    }

    @Test(arguments: [
        "", " ", "+1", "-1", "-0", "1_000", "0x10", "1e3", "1.0", "nan", "inf", "١٢", "1 ", "1\n", "9007199254740993",
        "9223372036854775807", "99999999999999999999999999999999999",
    ])
    func whatIsMoreThanDigitsIsNone(text: String) {
        #expect(OutsideNumber(text) == nil)
    }

    @Test func whatIsOnlyShownIsTheNearestNumber() {
        for number in [Double.nan, -Double.infinity, -1, -0.0, Double.leastNonzeroMagnitude] {
            #expect(OutsideNumber(nearestTo: number).value == 0)
        }
        for number in [Double.infinity, 1e308, 9.3e18] { #expect(OutsideNumber(nearestTo: number).value == 1 << 53) }
        #expect(OutsideNumber(nearestTo: 7.9).value == 7)
        #expect([Int.min, 5, .max].map { OutsideNumber(nearestTo: $0).value } == [0, 5, 1 << 53])
    }

    @Test func productsAndSumsDoNotOverflow() {
        #expect(OutsideNumber.product([1 << 53, 0, 1 << 53]) == 0)
        #expect(OutsideNumber.product([1 << 20, 1 << 33]) == 1 << 53)
        #expect(OutsideNumber.product([1 << 20, (1 << 33) + 1]) == nil)
        #expect(OutsideNumber.product([.max, .max, .max]) == nil)
        #expect(OutsideNumber.sum([1, 2, 3]) == 6)
        #expect(OutsideNumber.sum(repeatElement(1 << 53, count: 2000)) == .max)
    }

    @Test(arguments: [
        ("To be\n", "To be\n"), ("\u{1B}[31mred\r", "\\u{1b}[31mred\\u{d}"), ("é €😀\u{301}", "é €😀\u{301}"),
        ("\u{9B}31m\u{202E}", "\\u{9b}31m\\u{202e}"),
    ])
    func bytesOnTheirWayToATerminalAreVisible(text: String, shown: String) {
        var visible = VisibleBytes()
        #expect(text.utf8.map { visible.take($0) }.joined() == shown)
    }

    @Test func bytesThatAreNoTextAreShownAsThat() {
        var visible = VisibleBytes()
        let bytes: [UInt8] = [0xE2, 0x82, 0x1B, 0x80, 0xFF, 0xC3, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x41]
        let shown = bytes.map { visible.take($0) }.joined()
        #expect(
            shown.hasPrefix("\u{FFFD}\\u{1b}\u{FFFD}\u{FFFD}\u{FFFD}é\u{FFFD}") && shown.hasSuffix("\u{FFFD}A"),
            "\(shown)")
    }

    @Test func jsonSaysWhatIsAllowed() throws {
        #expect(try JSONDecoder().decode([OutsideNumber].self, from: Data("[0, 7]".utf8)).map(\.value) == [0, 7])
        for text in ["[-1]", "[9007199254740993]", "[1e300]", "[1.5]"] {
            #expect(throws: DecodingError.self, "\(text)") {
                try JSONDecoder().decode([OutsideNumber].self, from: Data(text.utf8))
            }
        }
    }

    @Test(arguments: [
        ("conv1.weight", "conv1.weight"), ("größe 日本 ✓", "größe 日本 ✓"), ("a\u{1B}[31mb", "a\\u{1b}[31mb"),
        ("a\r\nb", "a\\u{d}\\u{a}b"), ("a\0b\u{7F}", "a\\u{0}b\\u{7f}"), ("a\u{9B}31m", "a\\u{9b}31m"),
        ("a\u{202E}b\u{2066}", "a\\u{202e}b\\u{2066}"), ("a\u{200B}\u{FEFF}\u{2028}", "a\\u{200b}\\u{feff}\\u{2028}"),
        ("\u{E0041}", "\\u{e0041}"),
    ])
    func whatMovesOrHidesIsShownAsItsCode(text: String, shown: String) {
        #expect(text.visible == shown)
        #expect(shown.visible == shown)
    }

    @Test func endsOfLinesStayWhereTheyAreMeant() {
        #expect("a\nb\u{1B}\n".visibleLines == "a\nb\\u{1b}\n")
        #expect("{\n\"\u{7F}\u{200D}\u{E0001}\"}".visibleJSON == "{\n\"\\u007f\\u200d\\udb40\\udc01\"}")
    }
}
