/// The bytes of an integer, the lowest first.
package func littleEndianBytes<Value: FixedWidthInteger>(of value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
