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

    /// The number of the process.
    public static var identifier: Int { Int(getpid()) }
}
