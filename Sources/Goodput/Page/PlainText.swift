import Foundation

extension Double {
    /// A time for people, such as "45 s", "12.3 min" or "2.1 h".
    package var asTime: String {
        switch abs(self) {
        case ..<0.0995: "\(figures(1000 * self)) ms"
        case ..<119.5: "\(figures(self)) s"
        case ..<7170: "\(figures(self / 60)) min"
        case ..<172_080: "\(figures(self / 3600)) h"
        default: "\(figures(self / 86400)) d"
        }
    }

    /// A share for people, such as "97.3 %".
    package var asPercent: String { String(format: "%.1f %%", 100 * self) }

    /// An amount of bytes for people, such as "20 GB".
    package var asBytes: String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var (value, unit) = (self, 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return "\(figures(value)) \(units[unit])"
    }

    /// Three figures, as far as they say something.
    private func figures(_ value: Double) -> String {
        let size = abs(value)
        let text = String(format: size < 9.95 ? "%.2f" : size < 99.5 ? "%.1f" : "%.0f", value)
        guard text.contains(".") else { return text }
        return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    }
}

extension Int {
    /// With a comma every three digits.
    package var grouped: String {
        var digits = Array(String(magnitude))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return (self < 0 ? "-" : "") + String(digits)
    }
}

extension String {
    /// As text or as the value of an attribute in HTML and SVG.
    var escaped: String {
        var text = ""
        for character in self {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
