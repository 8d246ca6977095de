public import Files
public import SystemPackage
public import Tensors

/// Why a graph could not be written as MindIR, or a file not be read.
public enum MindIRError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused.
    case file(FileError)

    /// An operation has no counterpart in MindSpore that computes the same: which, in which scope, and why.
    case cannotExport(operation: String, scope: String, reason: String)

    /// A parameter, an input or a graph cannot be stored under this name.
    case cannotStore(name: String, reason: String)

    /// One file would be larger than MindSpore loads, in bytes.
    case tooLarge(byteCount: Int, limit: Int)

    /// The file is not what its format demands: where, in bytes from its beginning (for an encrypted file, of the text
    /// in it), and what is wrong.
    case damaged(path: FilePath, offset: Int, MindIRDamage)

    /// The file has no parameter of this name.
    case missing(name: String, path: FilePath)

    /// A parameter of the file is of another type than the one it should be loaded into.
    case wrongType(name: String, path: FilePath, found: TensorType, wanted: TensorType)

    /// One sentence.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .cannotExport(let operation, let scope, let reason):
            "\(operation)\(scope.isEmpty ? "" : " in \(scope)") cannot be written as MindIR: \(reason)"
        case .cannotStore(let name, let reason): "\(name) cannot be stored as MindIR: \(reason)"
        case .tooLarge(let byteCount, let limit):
            "the .mindir file would have \(byteCount) bytes, and MindSpore loads \(limit); "
                + "parameters can be stored outside of it"
        case .damaged(let path, let offset, let damage): "\(path) is damaged at byte \(offset): \(damage)"
        case .missing(let name, let path): "\(path) has no parameter \(name)"
        case .wrongType(let name, let path, let found, let wanted):
            "\(name) is \(found) in \(path), and \(wanted) is wanted"
        }
    }
}

/// What can be wrong inside a `.mindir` file.
public enum MindIRDamage: Equatable, Sendable, CustomStringConvertible {
    /// Something says it is longer than what is left for it.
    case cutOff(needed: UInt64, left: Int)
    /// A protobuf integer has more than ten bytes or 64 bits.
    case integerTooLong
    /// A protobuf field has a number or a wire type that does not exist.
    case fieldUnknown(key: UInt64)
    /// A protobuf field is not of the type its number demands.
    case fieldType(number: Int)
    /// A name or the description of a value is longer than these may be.
    case recordTooLong(byteCount: Int, limit: Int)
    /// A name is no UTF-8, or the description of a value is no message.
    case recordInvalid
    /// There is no graph.
    case graphMissing
    /// Numbers lie with their highest byte first.
    case bigEndian
    /// Two parameters have one name.
    case nameRepeated(name: String)
    /// A parameter's type does not exist, or Lockstep does not support it.
    case typeUnknown(name: String, type: Int)
    /// A parameter has a negative dimension, too many of them, or more bytes than can be counted.
    case shapeInvalid(name: String)
    /// A parameter's contents are not as large as its type and shape say, or lie beyond the end of their file.
    case contentSize(name: String, expected: Int, found: Int)
    /// A parameter is stored in a compressed form.
    case compressed(name: String)
    /// A parameter lies in a file outside of the folder of this one.
    case locationOutside(name: String, location: String)

    /// What is wrong, as a clause.
    public var description: String {
        switch self {
        case .cutOff(let needed, let left): "\(needed) bytes should follow, but there is only room for \(left)"
        case .integerTooLong: "an integer has more than 64 bits"
        case .fieldUnknown(let key): "no field has the key \(key)"
        case .fieldType(let number): "field \(number) has the wrong wire type"
        case .recordTooLong(let byteCount, let limit): "a name or type has \(byteCount) bytes, and \(limit) are allowed"
        case .recordInvalid: "a name is not UTF-8, or a type is not readable"
        case .graphMissing: "there is no graph"
        case .bigEndian: "its numbers are big-endian"
        case .nameRepeated(let name): "there are two parameters \(name)"
        case .typeUnknown(let name, let type): "\(name) has the unknown type \(type)"
        case .shapeInvalid(let name): "\(name) has dimensions that no tensor has"
        case .contentSize(let name, let expected, let found): "\(name) should have \(expected) bytes and has \(found)"
        case .compressed(let name): "\(name) is compressed"
        case .locationOutside(let name, let location): "\(name) lies in \"\(location)\", outside of the file's folder"
        }
    }
}

extension WritableFile {
    /// Appends bytes, throwing the error of this module.
    func put(_ bytes: Span<UInt8>) throws(MindIRError) {
        do {
            try write(bytes)
        } catch {
            throw .file(error)
        }
    }
}

extension ReadableFile {
    /// Fills `bytes` from `offset` on, throwing the error of this module.
    func fill(_ bytes: inout MutableSpan<UInt8>, at offset: Int) throws(MindIRError) {
        do {
            try read(into: &bytes, at: offset)
        } catch {
            throw .file(error)
        }
    }
}
