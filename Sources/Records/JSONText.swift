import FoundationEssentials

/// Tells what is no JSON from JSON with a number that its reader cannot take, of which Foundation says the same.
package struct JSONText: Decodable {
    /// Reads nothing, so that only what is no JSON is refused.
    package init(from decoder: any Decoder) throws {}

    /// What is wrong with bytes that Foundation calls no JSON.
    package static func problem(of bytes: some Sequence<UInt8>) -> String {
        let isJSON = (try? JSONDecoder().decode(JSONText.self, from: Data(bytes))) != nil
        return isJSON
            ? "has a number that cannot stand where it does: a fraction for a whole number, or one too large"
            : "is no JSON"
    }
}
