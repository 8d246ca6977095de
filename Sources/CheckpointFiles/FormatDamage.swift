public import Ciphers

/// What can be wrong inside a checkpoint file.
public enum FormatDamage: Equatable, Sendable {
    /// There is not one byte.
    case empty

    /// Something claims to be longer than the room left for it.
    case cutOff(needed: UInt64, left: Int)

    /// A protobuf integer has more than ten bytes or 64 bits.
    case integerTooLong

    /// A protobuf field has a number or a wire type that does not exist.
    case fieldUnknown(key: UInt64)

    /// A protobuf field is not of the type its number demands.
    case fieldType(number: Int)

    /// A record has no name.
    case nameMissing

    /// A name is longer than names may be.
    case nameTooLong(byteCount: Int)

    /// A name is no UTF-8.
    case nameNotUnicode

    /// A record holds neither a tensor nor a map.
    case valueMissing(name: String)

    /// A tensor has no type or one that does not exist.
    case typeUnknown(name: String, type: String)

    /// A dimension is negative.
    case dimensionNegative(name: String)

    /// There are more dimensions than tensors may have.
    case dimensionsTooMany(name: String)

    /// The dimensions make more bytes than can be counted.
    case sizeTooLarge(name: String)

    /// The contents are not as large as type and dimensions say.
    case contentSize(name: String, expected: Int, found: Int)

    /// Two pieces of a tensor differ in type or shape.
    case piecesDisagree(name: String)

    /// A map does not have its three parts.
    case mapParts(name: String, found: Int)

    /// A string is no UTF-32.
    case textInvalid(name: String)

    /// The header is longer than headers may be.
    case headerTooLong(byteCount: UInt64)

    /// The header is not the JSON it should be.
    case headerSyntax(expected: String)

    /// Two tensors have one name.
    case nameRepeated(name: String)

    /// The contents of a tensor do not begin where those of the one before end, or end beyond the file.
    case dataOffsets(name: String, expected: Int)

    /// Bytes at the end of the file belong to no tensor.
    case dataUnclaimed(byteCount: Int)

    /// The file is encrypted, and no key was given.
    case encrypted(EncryptionMode)

    /// A key was given, and the file is not encrypted.
    case notEncrypted

    /// A block of an encrypted file does not begin as blocks do.
    case cipherBlock

    /// A block of an encrypted file is damaged, or the key is not the one it was encrypted with.
    case cannotDecrypt

    /// The stored CRC-32 is not that of the bytes.
    case checksum(stored: String, computed: String)
}

extension FormatDamage: CustomStringConvertible {
    /// What is wrong, as a clause.
    public var description: String {
        switch self {
        case .empty: "the file is empty"
        case .cutOff(let needed, let left): "\(needed) bytes should follow, but there is only room for \(left)"
        case .integerTooLong: "an integer has more than 64 bits"
        case .fieldUnknown(let key): "no field has the key \(key)"
        case .fieldType(let number): "field \(number) has the wrong wire type"
        case .nameMissing: "a record has no name"
        case .nameTooLong(let count): "a name has \(count) bytes, and \(CkptReader.nameLimit) are allowed"
        case .nameNotUnicode: "a name is not UTF-8"
        case .valueMissing(let name): "\(name) has no value"
        case .typeUnknown(let name, let type): "\(name) has the unknown type \"\(type)\""
        case .dimensionNegative(let name): "\(name) has a negative dimension"
        case .dimensionsTooMany(let name): "\(name) has more than \(CkptReader.dimensionLimit) dimensions"
        case .sizeTooLarge(let name): "the size of \(name) exceeds 64 bits"
        case .contentSize(let name, let expected, let found):
            "\(name) should have \(expected) bytes of contents and has \(found)"
        case .piecesDisagree(let name): "the pieces of \(name) do not fit together"
        case .mapParts(let name, let found): "the map \(name) has \(found) parts instead of 3"
        case .textInvalid(let name): "\(name) is no UTF-32 string"
        case .headerTooLong(let count): "the header has \(count) bytes, and \(SafetensorsHeader.limit) are allowed"
        case .headerSyntax(let expected): "the header should have \(expected) here"
        case .nameRepeated(let name): "there are two tensors \(name)"
        case .dataOffsets(let name, let expected):
            "\(name) should lie in the file and begin at byte \(expected) of the data"
        case .dataUnclaimed(let count): "\(count) bytes belong to no tensor"
        case .encrypted(let mode): "the file is encrypted in mode \(mode.rawValue), and there is no key"
        case .notEncrypted: "the file is not encrypted"
        case .cipherBlock: "no encrypted block begins like this"
        case .cannotDecrypt: "the block is damaged or the key is wrong"
        case .checksum(let stored, let computed): "the stored CRC is \(stored), but the bytes have \(computed)"
        }
    }
}
