import FoundationEssentials

/// Tells what is no JSON from what is, but for a number that is not written as JSON's are or that its reader cannot take:
/// Foundation says the same of all.
package struct JSONText: Decodable {
    /// Reads nothing: then numbers are not looked at.
    package init(from decoder: any Decoder) throws {}

    /// What is wrong with bytes that Foundation calls no JSON.
    package static func problem(of bytes: some Sequence<UInt8>) -> String {
        let isJSONButForNumbers = (try? JSONDecoder().decode(JSONText.self, from: Data(bytes))) != nil
        return isJSONButForNumbers
            ? "has a number that cannot be read: not written as JSON's are, a fraction for a whole number, or too large"
            : "is no JSON"
    }
}
