import ArgumentParser
import Foundation
import Lockstep

/// A time on the command line: 18:30, the next there is, or 2026-11-21T18:30:00Z.
struct TimePoint: ExpressibleByArgument, Hashable {
    private enum Form: Hashable {
        case date(Date)
        case clock(DateComponents)
    }

    private let form: Form

    static let forms = "such as 18:30 or 2026-11-21T18:30:00Z"

    init?(argument: String) {
        if let date = try? Date(argument, strategy: .iso8601) {
            guard Date.recordable.contains(date) else { return nil }
            form = .date(date)
        } else {
            guard let clock = Self.clock(argument) else { return nil }
            form = .clock(clock)
        }
    }

    /// Hours and minutes.
    private static func clock(_ text: String) -> DateComponents? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        return DateComponents(hour: hour, minute: minute, second: 0)
    }

    /// That time; of hours and minutes, the next at which a clock here shows them.
    func date(after now: Date) -> Date {
        switch form {
        case .date(let date): return date
        case .clock(let wanted):
            guard let date = Calendar.current.nextDate(after: now, matching: wanted, matchingPolicy: .nextTime) else {
                fatalError("no day has \(wanted)")
            }
            return date
        }
    }
}
