import SystemPackage

/// What the faults of a disk make of one operation.
struct DiskVerdict: Sendable {
    /// The number of the operation, from 1.
    var number = 0

    /// How long it takes.
    var delay = Duration.zero

    /// What is thrown.
    var errno: Errno?

    /// Whether it does anything.
    var isDone = true

    /// How much of the bytes a write writes, in thirds.
    var thirds = 3

    var givesOtherBytes = false
    var dropsBytes = false
    var kills = false

    /// The faults that it is made of.
    var strikes: [DiskStrike] = []

    /// Longer than any run waits.
    private static let forEver = Duration.seconds(1_000_000)

    mutating func add(_ effect: DiskFault.Effect) {
        switch effect {
        case .fails(let errno), .noRoom(let errno, _): refuse(errno)
        case .readOnly: refuse(.readOnlyFileSystem)
        case .shortWrite(let errno):
            self.errno = errno
            thirds = 1
        case .succeedsUnheard(let errno): self.errno = errno
        case .otherBytes: givesOtherBytes = true
        case .slow(let duration): delay += duration
        case .stalls: delay += Self.forEver
        case .dropsBytes:
            errno = .ioError
            dropsBytes = true
        case .kills:
            errno = .noSuchProcess
            thirds = 2
            kills = true
        }
    }

    private mutating func refuse(_ errno: Errno) {
        self.errno = errno
        isDone = false
    }
}
