import Foundation

/// A JSON value of a recorded trace.
enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The value of a key; null if there is none.
    subscript(key: String) -> JSON {
        guard case .object(let values) = self else { return .null }
        return values[key] ?? .null
    }

    var double: Double? {
        switch self {
        case .number(let number): number
        case .string("nan"): .nan
        default: nil
        }
    }

    var int: Int? { double.map { Int($0) } }

    var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    var array: [JSON] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    var object: [String: JSON] {
        guard case .object(let values) = self else { return [:] }
        return values
    }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}
