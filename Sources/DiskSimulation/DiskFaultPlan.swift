import Files
import SystemPackage

/// The faults of a disk, and how near the occasion of each is.
struct DiskFaultPlan: Sendable {
    private struct Armed: Sendable {
        let fault: DiskFault
        var fitting = 0

        /// Whether it goes on.
        var isLasting = false

        /// How many more operations it strikes; nil is no limit.
        var remaining: Int?
    }

    private var faults: [Armed]

    /// The files that give other bytes.
    private var rottenFiles: Set<Int> = []

    var hasRottenFiles: Bool { !rottenFiles.isEmpty }

    private(set) var strikes: [DiskStrike: Int] = [:]

    init(_ faults: [DiskFault]) {
        self.faults = faults.map { Armed(fault: $0) }
    }

    mutating func note(_ strike: DiskStrike) { strikes[strike, default: 0] += 1 }

    mutating func note(_ losses: [DiskStrike: Int]) { strikes.merge(losses, uniquingKeysWith: +) }

    /// Counts an operation, and says what becomes of it. A read knows the `file` that it is from.
    mutating func verdict(
        on operation: FileOperation, _ path: String, file: Int?, on host: Int
    ) -> DiskVerdict {
        var verdict = DiskVerdict()
        if let file, rottenFiles.contains(file) { strike(&verdict, .otherBytes(isLasting: true), operation) }
        for index in faults.indices {
            let occasion = faults[index].fault.occasion
            if faults[index].isLasting {
                strikeAgain(&verdict, index, operation, on: host)
            } else if occasion.fits(operation, path, on: host) {
                faults[index].fitting += 1
                if faults[index].fitting == occasion.number { begin(&verdict, index, operation, file) }
            }
        }
        return verdict
    }

    private mutating func begin(_ verdict: inout DiskVerdict, _ index: Int, _ operation: FileOperation, _ file: Int?) {
        let effect = faults[index].fault.effect
        guard effect.suits(operation) else { return }
        switch effect {
        case .noRoom(_, let count):
            faults[index].isLasting = true
            faults[index].remaining = count
            strikeAgain(&verdict, index, operation, on: nil)
        case .readOnly:
            faults[index].isLasting = true
            strikeAgain(&verdict, index, operation, on: nil)
        case .otherBytes(isLasting: true):
            if let file { rottenFiles.insert(file) }
            strike(&verdict, effect, operation)
        default: strike(&verdict, effect, operation)
        }
    }

    /// `host` is nil where it is known to be the one.
    private mutating func strikeAgain(
        _ verdict: inout DiskVerdict, _ index: Int, _ operation: FileOperation, on host: Int?
    ) {
        let fault = faults[index].fault
        guard host == nil || fault.occasion.host == nil || fault.occasion.host == host else { return }
        let isStruck =
            switch fault.effect {
            case .noRoom: operation.needsRoom && faults[index].remaining != 0
            default: operation.isRefusedByReadOnly
            }
        guard isStruck else { return }
        if let remaining = faults[index].remaining { faults[index].remaining = remaining - 1 }
        strike(&verdict, fault.effect, operation)
    }

    private mutating func strike(
        _ verdict: inout DiskVerdict, _ effect: DiskFault.Effect, _ operation: FileOperation
    ) {
        let strike = DiskStrike(kind: effect.kind, operation: operation)
        verdict.add(effect)
        verdict.strikes.append(strike)
        note(strike)
    }

    /// Ends the faults that go on; what they have done to files stays.
    mutating func mend() {
        faults.removeAll { $0.isLasting }
    }

    /// Something was deleted: there is room again where a fault waits for that.
    mutating func noteRoom() {
        for index in faults.indices where faults[index].isLasting {
            if case .noRoom(_, nil) = faults[index].fault.effect { faults[index].remaining = 0 }
        }
    }
}

extension FileOperation {
    fileprivate var needsRoom: Bool { [.create, .write, .makeDirectory].contains(self) }

    /// Of a file system that the system has made read-only after an error: what was written cannot be synchronized any more.
    fileprivate var isRefusedByReadOnly: Bool { self == .lock || isChange && self != .close }
}
