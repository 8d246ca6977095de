import CZlib

/// The CRC-32 of zlib and gzip (polynomial EDB88320), which MindSpore's checkpoints carry, computed as the bytes stream by.
public struct CRC32: Sendable {
    /// The CRC-32 of all bytes so far.
    public private(set) var value: UInt32 = 0

    /// Begins the CRC-32 of no bytes.
    public init() {}

    /// Adds the bytes that follow.
    public mutating func update(_ bytes: RawSpan) {
        let value = value
        self.value = unsafe bytes.withUnsafeBytes { bytes in
            // Without an address zlib would start anew.
            guard let base = bytes.baseAddress, bytes.count > 0 else { return value }
            return unsafe UInt32(
                truncatingIfNeeded: crc32_z(UInt(value), base.assumingMemoryBound(to: UInt8.self), bytes.count))
        }
    }
}
