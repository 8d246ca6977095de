public import SystemPackage

/// Where a notice can come from that a machine is about to be taken away.
public enum NoticeOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A command of the shell, which is run again and again until it prints a line: the notice.
    case command(String)

    /// A file, which is the notice as soon as it is there.
    case file(FilePath)

    /// The metadata service of a cloud, at its usual address or another one.
    case service(CloudService, at: ServiceAddress? = nil)

    /// As in "--notice aws".
    public var description: String {
        switch self {
        case .command(let command): "--notice-command '\(command)'"
        case .file(let path): "--notice-file \(path)"
        case .service(let service, _): "--notice \(service.rawValue)"
        }
    }
}

/// A cloud whose machines can ask a service on a link-local address what is planned with them.
public enum CloudService: String, CaseIterable, Sendable {
    /// Amazon EC2: `spot/instance-action` of the Instance Metadata Service, version 2; two minutes before. A recommendation to
    /// rebalance is no notice.
    case aws

    /// Google Compute Engine: `instance/preempted`, half a minute before, and `instance/maintenance-event`, unless the machine is
    /// moved without a stop.
    case gcp

    /// Microsoft Azure: Scheduled Events that end, restart or redeploy this machine; half a minute before an eviction. One
    /// that only freezes it for seconds is no notice.
    case azure

    /// Where it is asked.
    var usualAddress: ServiceAddress { ServiceAddress(host: "169.254.169.254", port: 80) }

    /// How often. Amazon recommends every five seconds, Microsoft every second.
    var interval: Duration { self == .aws ? .seconds(5) : .seconds(1) }
}

/// A host, by its number or name, and a port.
public struct ServiceAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host.
    public let host: String

    /// The port.
    public let port: Int

    /// Makes an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads "host" or "host:port"; nil for anything else. Without a port it is 80.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty,
            host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
        else { return nil }
        guard parts.count == 2 else {
            self.init(host: String(host), port: 80)
            return
        }
        guard let port = Int(parts[1]), (1...65535).contains(port) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// What an HTTP request calls it.
    var authority: String { port == 80 ? host : description }

    /// As in "169.254.169.254:80".
    public var description: String { "\(host):\(port)" }
}
