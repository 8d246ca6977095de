public import Checkpoints
public import Ciphers

/// What a checkpoint configuration cannot be.
public enum CheckpointConfigError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A count that is negative.
    case negative(name: String, value: Int)

    /// Nothing says when to save, and nothing what to keep.
    case nothingToDo

    /// A share of the run's time that is none.
    case badFraction(Double)

    /// An element of `appendInfo` that is no name of a counter.
    case unknownAppendInfo(String)

    /// More than one dictionary in `appendInfo`.
    case twoDictionaries

    /// A value for "epoch_num" or "step_num" that cannot be added to them.
    case badOffset(String)

    /// An appended value with the name of a parameter, which it would replace in the file.
    case appendedNameIsParameter(String)

    /// An appended value that the format cannot store.
    case cannotAppend(name: String, format: CheckpointFileFormat)

    /// The key does not fit the mode.
    case encryption(EncryptionError)

    /// Encryption and CRC together, which MindSpore cannot read.
    case encryptionWithCRC

    /// Something that files of the format cannot have.
    case notInFormat(CheckpointFileFormat, option: String)

    /// A distance between saves that is none.
    case notPositive(name: String, value: Double)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .negative(let name, let value): "\(name) is \(value); it must be at least 0"
        case .nothingToDo:
            "saveCheckpointSteps, saveCheckpointSeconds, keepCheckpointMax and keepCheckpointPerNMinutes are all nil "
                + "or 0; one of them must be above 0"
        case .badFraction(let share): "the share of time for saving is \(share); it must be above 0 and at most 1"
        case .unknownAppendInfo(let name):
            "appendInfo names \"\(name)\"; it can name \"epoch_num\" and \"step_num\" and hold one dictionary"
        case .twoDictionaries: "appendInfo holds more than one dictionary; put all values into one"
        case .badOffset(let name): "the value of \(name) in appendInfo is no whole number; it is added to a count"
        case .appendedNameIsParameter(let name):
            "appendInfo has a value named \(name), which is a parameter; it would replace it in the file"
        case .cannotAppend(let name, let format):
            "the value \(name) in appendInfo is a text, which .\(format.rawValue) files cannot hold"
        case .encryption(let error): error.description
        case .encryptionWithCRC: "crcCheck and encKey exclude each other: MindSpore cannot read such a file"
        case .notInFormat(let format, let option): ".\(format.rawValue) files cannot have \(option)"
        case .notPositive(let name, let value): "\(name) is \(value); it must be above 0"
        }
    }
}
