import Foundation
import SystemPackage

/// Two hosts on one machine, each with a name and a network of its own and a cable between them.
///
/// A namespace lives as long as a process in it does. Each of these has one that ends when its standard input does, so
/// nothing is left behind however the tests end.
final class TwoHosts {
    private let hosts: [Host]
    private let folder: TestFolder

    /// Where `mpirun` finds them.
    var hostFile: String { folder.url("hosts").path(percentEncoded: false) }

    /// The second host's address in the host file.
    static let secondAddress = "10.231.7.2"

    /// Connects two new hosts that take so many ranks each; throws where this user may not.
    init(slots: Int) throws {
        folder = try TestFolder()
        hosts = try [Host("lockstep-a"), Host("lockstep-b")]
        let (first, second) = (hosts[0], hosts[1])
        try first.run("ip link add cable type veth peer name cable netns \(second.identifier)")
        for (host, address) in [(first, "10.231.7.1"), (second, Self.secondAddress)] {
            try host.run("ip addr add \(address)/24 dev cable && ip link set cable up && ip link set lo up")
        }
        try folder.write("10.231.7.1 slots=\(slots)\n\(Self.secondAddress) slots=\(slots)\n", to: "hosts")
        // mpirun calls it as `ssh`: a host, and a command for its shell.
        let enter = second.entrance.joined(separator: " ")
        try writeProgram(
            "#!/bin/sh\n[ ! -e \(isGone.path(percentEncoded: false)) ] || exit 255\nshift\nexec \(enter) sh -c \"$*\"\n",
            to: folder.url("agent"))
    }

    /// Whether this user may make them.
    static let isAllowed = (try? TwoHosts(slots: 1)) != nil

    /// Starts a command on the first host.
    var prefix: [String] { hosts[0].entrance }

    /// Lets `mpirun` find its way to the second.
    var environment: [String: String] {
        [
            "OMPI_MCA_plm_rsh_agent": folder.url("agent").path(percentEncoded: false),
            "OMPI_MCA_btl": "tcp,self",
            "OMPI_MCA_btl_tcp_if_include": "10.231.7.0/24",
            "OMPI_MCA_oob_tcp_if_include": "10.231.7.0/24",
            "OMPI_MCA_mpi_yield_when_idle": "1",
        ]
    }

    /// The name that a process sees its host by.
    func host(of process: Int32) throws -> String {
        try Host.output(of: ["nsenter", "--target", "\(process)", "--uts", "hostname"])
    }

    /// Ends all processes of the second host but the one that keeps it, and lets it answer no more.
    func loseSecondHost() throws {
        try Data().write(to: isGone)
        let own = try Host.namespace(of: hosts[1].identifier)
        for process in try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap({ Int32($0) })
        where process != hosts[1].identifier && (try? Host.namespace(of: process)) == own {
            kill(process, SIGKILL)
        }
    }

    /// Lets no packet of either host get to the other, without a word to either.
    func cutCable() throws {
        try hosts[1].run("ip link set cable down")
    }

    private var isGone: URL { folder.url("gone") }
}

/// A process that does nothing but keep a host of its own.
private final class Host {
    private let process = Process()
    private let input = Pipe()

    init(_ name: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "--default-signal", "unshare", "--net", "--uts", "sh", "-c", "hostname \(name) && echo ready && exec cat",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        guard output.fileHandleForReading.availableData == Data("ready\n".utf8) else {
            throw HostFailure(description: "a host of its own cannot be made here")
        }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var identifier: Int32 { process.processIdentifier }

    /// What starts a command there.
    var entrance: [String] { ["nsenter", "--target", "\(identifier)", "--net", "--uts"] }

    func run(_ script: String) throws {
        _ = try Self.output(of: entrance + ["sh", "-c", script])
    }

    static func namespace(of process: Int32) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
    }

    static func output(of command: [String]) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw HostFailure(description: "\(command.joined(separator: " ")) failed")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

private struct HostFailure: Error, CustomStringConvertible {
    let description: String
}
