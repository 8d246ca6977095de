import Memory

/// Ends the program unless `count` elements were passed for `what`, of which the kernel needs `expected`.
///
/// Every kernel begins with this: behind its door are addresses, and a wrong count would write past the end of a span.
@inlinable @inline(__always)
package func require(_ count: Int, of what: StaticString, is expected: Int, in kernel: StaticString = #function) {
    if count != expected { refuse(count, of: what, insteadOf: expected, in: kernel) }
}

@usableFromInline
func refuse(_ count: Int, of what: StaticString, insteadOf expected: Int, in kernel: StaticString) {
    insist(count == expected, "\(kernel): \(what) has \(count) elements, not \(expected)")
}
