import Foundation
import Glibc

/// What this process is called in messages and on record.
public enum ThisProcess {
    /// The name of the host.
    ///
    /// From the kernel: Foundation's asks the name service, which may take seconds.
    public static let host: String = {
        let name = try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
        return name.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? "localhost"
    }()

    /// Where it runs, for those who look for processes that can open each other's files: the same text for all that see each
    /// other's numbers. Containers do not.
    package static let machine: String = {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let numbers = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let boot, let numbers else { return "process \(identifier) of \(host)" }
        return boot + numbers
    }()

    /// The number of the process.
    public static var identifier: Int { Int(getpid()) }
}
