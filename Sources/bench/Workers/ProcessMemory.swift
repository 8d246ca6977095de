import Foundation

/// The memory of this process, in bytes.
enum ProcessMemory {
    /// The most that it ever held, or since ``forgetPeak()`` (VmHWM).
    static var peak: Int { value(of: "VmHWM:") }

    /// What it holds now (VmRSS).
    static var current: Int { value(of: "VmRSS:") }

    /// Sets the peak back to what is in use.
    static func forgetPeak() throws {
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }

    /// A line of `/proc/self/status`.
    private static func value(of field: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) } ?? ""
        let kibibytes = line.dropFirst(field.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
        guard let kibibytes else { fatalError("/proc/self/status has no number after \(field)") }
        return kibibytes << 10
    }
}
