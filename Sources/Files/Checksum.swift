import CXXHash

/// XXH3-64, the checksum of files in manifests, computed as the bytes stream by.
///
/// It finds damage; it does not protect against intent.
@safe public struct Checksum: ~Copyable {
    private let state: OpaquePointer

    /// Begins the checksum of no bytes.
    public init() {
        guard let state = unsafe XXH3_createState() else { fatalError("no memory for the state of a checksum") }
        unsafe self.state = state
        unsafe XXH3_64bits_reset(state)
    }

    deinit {
        unsafe XXH3_freeState(state)
    }

    /// Adds the bytes that follow.
    public mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe lockstep_xxh3_update(state, bytes.baseAddress, bytes.count)
        }
    }

    /// The checksum of all bytes so far.
    public var value: UInt64 { unsafe XXH3_64bits_digest(state) }

    /// The checksum of these bytes.
    public static func value(of bytes: RawSpan) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe lockstep_xxh3($0.baseAddress, $0.count) }
    }

    /// The checksum as `xxhsum -H3` prints it: 16 hexadecimal digits, the highest first.
    public var hexadecimal: String { Checksum.hexadecimal(value) }

    /// A checksum as 16 hexadecimal digits, the highest first.
    public static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
