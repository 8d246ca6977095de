import Foundation
import Glibc

/// A process of this machine, as `/proc` shows it.
public struct LinuxProcess: Hashable, Sendable {
    /// Its number.
    public let identifier: Int32

    init(_ identifier: Int32) {
        self.identifier = identifier
    }

    /// The processes that it started, and those that they started, while it lives.
    public var descendants: [LinuxProcess] {
        let children = text("task/\(identifier)/children").split(separator: " ").compactMap { Int32($0) }
        return children.map(LinuxProcess.init).flatMap { [$0] + $0.descendants }
    }

    /// The processes that were started with a variable of that value, whoever their parents are by now.
    static func all(with name: String, _ value: String) -> [LinuxProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.map(LinuxProcess.init).filter { $0.environment(name) == value }
    }

    /// Whether it has a handler for a signal, so that it does not die of it.
    public func catches(_ signal: Int32) -> Bool { isSet(signal, in: "SigCgt") }

    /// Whether a signal has come that it has not heard yet, as while it is paused.
    public func hasPending(_ signal: Int32) -> Bool { isSet(signal, in: "ShdPnd") }

    /// Whether it is paused, by SIGSTOP or SIGTSTP.
    public var isPaused: Bool { status("State")?.hasPrefix("T") ?? false }

    /// Sends it a signal.
    public func send(_ signal: Int32) {
        kill(identifier, signal)
    }

    /// A variable of the environment that it was started with.
    func environment(_ name: String) -> String? {
        text("environ").split(separator: "\0").first { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    private func isSet(_ signal: Int32, in mask: String) -> Bool {
        let bits = status(mask).flatMap { UInt64($0, radix: 16) } ?? 0
        return bits & 1 << UInt64(signal - 1) != 0
    }

    /// A line of its status; nil if it is gone.
    private func status(_ name: String) -> String? {
        text("status").split(separator: "\n").first { $0.hasPrefix("\(name):") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// A file of its folder; empty if it is gone.
    private func text(_ file: String) -> String {
        let data = try? Data(contentsOf: URL(filePath: "/proc/\(identifier)/\(file)"))
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
