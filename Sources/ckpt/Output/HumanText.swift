import Files
import Foundation

/// Quantities as people read them.
enum HumanText {
    /// A size, as in "512 B" or "1.5 GiB".
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(count)
        var unit = -1
        // What would be rounded to 1024 is one of the next unit.
        while value >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return String(format: "%.1f", value) + " " + units[unit]
    }

    /// How long ago something was, as in "3 min" or "12 d".
    static func age(_ seconds: Double) -> String {
        guard seconds >= 0 else { return "in the future" }
        let units: [(name: String, seconds: Double)] = [("d", 86400), ("h", 3600), ("min", 60)]
        // Two days are told from three more easily than 47 hours from 49.
        guard let unit = units.first(where: { seconds >= ($0.name == "d" ? 2 : 1) * $0.seconds }) else {
            return "\(OutsideNumber(nearestTo: seconds).value) s"
        }
        return "\(OutsideNumber(nearestTo: seconds / unit.seconds).value) \(unit.name)"
    }

    /// A number with six digits that count, as in "0.0123457".
    static func number(_ value: Double) -> String { String(format: "%.6g", value) }

    /// A count with its noun, as in "1 tensor", "3 tensors" or "2 entries".
    static func count(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
