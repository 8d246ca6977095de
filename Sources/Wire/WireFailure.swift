public import Files
public import SystemPackage

/// The error of a module that reads protobuf messages: what a ``WireScanner`` of it throws.
///
/// An enumeration with these two cases is one.
public protocol WireFailure: Error {
    /// What can be wrong inside a file.
    associatedtype Damage: WireDamage

    /// The system refused.
    static func file(_ error: FileError) -> Self

    /// Something is wrong inside a file, so many bytes from its beginning.
    static func damaged(path: FilePath, offset: Int, _ damage: Damage) -> Self
}

/// What can be wrong with a protobuf message, among what else can be wrong inside a file.
public protocol WireDamage {
    /// Something says it is longer than what is left for it.
    static func cutOff(needed: UInt64, left: Int) -> Self

    /// An integer has more than ten bytes or 64 bits.
    static var integerTooLong: Self { get }

    /// A field has a number or a wire type that does not exist.
    static func fieldUnknown(key: UInt64) -> Self

    /// A field is not of the type its number demands.
    static func fieldType(number: Int) -> Self
}
