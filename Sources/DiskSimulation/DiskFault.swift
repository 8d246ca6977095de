package import Files
package import SystemPackage

/// Something that goes wrong with a disk, once its occasion comes.
package struct DiskFault: Sendable, Hashable {
    /// Which operation it strikes.
    package var occasion: Occasion

    /// What it does.
    package var effect: Effect

    package init(_ effect: Effect, at occasion: Occasion) {
        self.occasion = occasion
        self.effect = effect
    }

    /// The nth operation of those that fit.
    package struct Occasion: Sendable, Hashable {
        /// Which of them, from 1.
        package var number: Int

        /// Those of a kind; nil is every kind.
        package var operation: FileOperation?

        /// Those on paths that end so.
        package var suffix: String

        /// Those of a host; nil is every host.
        package var host: Int?

        package init(_ number: Int, _ operation: FileOperation? = nil, on suffix: String = "", host: Int? = nil) {
            precondition(number > 0, "operations count from 1, not \(number)")
            self.number = number
            self.operation = operation
            self.suffix = suffix
            self.host = host
        }

        func fits(_ operation: FileOperation, _ path: String, on host: Int) -> Bool {
            (self.operation == nil || self.operation == operation) && (self.host == nil || self.host == host)
                && (suffix.isEmpty || path.hasSuffix(suffix))
        }
    }

    /// What happens.
    package enum Effect: Sendable, Hashable {
        /// It does nothing and throws, once.
        case fails(Errno)

        /// Whatever needs room throws from then on: for so many operations, or until something is deleted.
        case noRoom(Errno, forOperations: Int?)

        /// Nothing can be changed from then on.
        case readOnly

        /// A write writes a part and throws; anything else does nothing and throws.
        case shortWrite(Errno)

        /// It does what it should and throws all the same, as over a network that loses the answer.
        case succeedsUnheard(Errno)

        /// A read gives other bytes than those that are there; the same file does from then on, if `isLasting`.
        case otherBytes(isLasting: Bool)

        /// It takes so long.
        case slow(Duration)

        /// It takes longer than anybody waits.
        case stalls

        /// A synchronization of a file fails, what it was for is lost, and later ones succeed.
        case dropsBytes

        /// The process is killed in it: a write writes a part.
        case kills
    }
}

extension DiskFault: CustomStringConvertible {
    /// One line: "operation 214 (rename … .manifest.json) on host 1: EIO".
    package var description: String {
        let path = occasion.suffix.isEmpty ? nil : "… \(occasion.suffix)"
        let which = [occasion.operation?.rawValue, path].compactMap(\.self).joined(separator: " ")
        let place = occasion.host.map { " on host \($0)" } ?? ""
        return "operation \(occasion.number)\(which.isEmpty ? "" : " (\(which))")\(place): \(effect)"
    }
}

extension DiskFault.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fails(let errno): errno.symbol
        case .noRoom(let errno, nil): "\(errno.symbol) until something is deleted"
        case .noRoom(let errno, let count?): "\(errno.symbol) for \(count) operations"
        case .readOnly: "read-only from then on"
        case .shortWrite(let errno): "writes a part, \(errno.symbol)"
        case .succeedsUnheard(let errno): "done, but says \(errno.symbol)"
        case .otherBytes(isLasting: false): "gives other bytes"
        case .otherBytes(isLasting: true): "gives other bytes from then on"
        case .slow(let duration): "takes \(duration)"
        case .stalls: "stalls"
        case .dropsBytes: "EIO, the bytes are lost and the next time succeeds"
        case .kills: "kills the process"
        }
    }

    var kind: DiskStrike.Kind {
        switch self {
        case .fails: .failed
        case .noRoom: .noRoom
        case .readOnly: .readOnly
        case .shortWrite: .shortWrite
        case .succeedsUnheard: .unheard
        case .otherBytes: .otherBytes
        case .slow: .slow
        case .stalls: .stalled
        case .dropsBytes: .droppedBytes
        case .kills: .killed
        }
    }

    /// Whether it can do its harm in an operation of a kind: where it cannot, nothing goes wrong.
    func suits(_ operation: FileOperation) -> Bool {
        switch self {
        case .otherBytes: operation == .read
        case .dropsBytes: operation == .synchronize
        default: true
        }
    }
}

extension Errno {
    /// The name in C, of those that faults are made of.
    var symbol: String {
        switch self {
        case .ioError: "EIO"
        case .noSpace: "ENOSPC"
        case .readOnlyFileSystem: "EROFS"
        case .diskQuotaExceeded: "EDQUOT"
        case .permissionDenied: "EACCES"
        case .staleNFSFileHandle: "ESTALE"
        default: description
        }
    }
}
