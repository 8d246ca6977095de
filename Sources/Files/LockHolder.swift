import Glibc
import SystemPackage

/// A process of this host that holds the lock of a file, as the system tells.
struct LockHolder {
    private let process: Int32

    /// The user whose rights it has with files; nil if it has ended and left the lock to a child, or is hidden.
    private let user: UInt32?

    /// Whether it can be no run of this user: it is another's, but not root's, or only its child is left.
    var isStranger: Bool { user.map { $0 != geteuid() && $0 != 0 } ?? true }

    /// Those of a file that are known: none on other hosts or in other containers.
    static func all(of status: Stat) -> [LockHolder] {
        let device = UInt64(status.deviceID.rawValue)
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & ~0xFF
        let file = [hexadecimal(major), hexadecimal(minor), "\(status.inode.rawValue)"].joined(separator: ":")
        // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:16326865 0 EOF
        return lines(of: "/proc/locks").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5] == file, let process = Int32(fields[4]), process > 0
            else { return nil }
            return LockHolder(process: process, user: user(of: process))
        }
    }

    /// Who holds a lock, in words: what the system tells, or where it does not know, what stands in the file.
    static func text(of holders: [LockHolder], noted: String?) -> String? {
        guard let holder = holders.first else { return noted }
        if let noted, noted.hasPrefix("process \(holder.process) ") { return noted }
        let user =
            holder.user.map { $0 == geteuid() ? "" : " of user \($0)" } ?? ", which has ended and left it to a child"
        return "process \(holder.process)\(user) on this host"
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return digits.utf8.count < 2 ? "0" + digits : digits
    }

    /// That of rights with files, the last of four: "Uid:	1000	1000	1000	1000".
    private static func user(of process: Int32) -> UInt32? {
        let line = lines(of: FilePath("/proc/\(process)/status")).first { $0.hasPrefix("Uid:") }
        return line?.split(separator: "\t").last.flatMap { UInt32($0) }
    }

    /// The lines of a file of the system's; none if there is no such file.
    private static func lines(of path: FilePath) -> [Substring] {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return [] }
        defer { try? file.close() }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while let count = try? unsafe piece.withUnsafeMutableBytes({ unsafe try file.read(into: $0) }), count > 0 {
            text += piece.prefix(count)
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
}
