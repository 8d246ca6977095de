public import FoundationEssentials

extension Date {
    /// The times that can be put on record: of years of four digits in today's calendar, for a clock may be set back far.
    /// Others would be read back as others than they were.
    public static let recordable =
        Date(timeIntervalSince1970: -11_676_096_000)...Date(timeIntervalSince1970: 253_402_300_799)
}

extension JSONDecoder.DateDecodingStrategy {
    /// Reads a time from outside, such as "2026-11-27T07:41:00Z".
    public static var recordedTime: Self {
        .custom { decoder in
            let field = try decoder.singleValueContainer()
            let text = try field.decode(String.self)
            guard let time = try? Date(text, strategy: .iso8601), Date.recordable.contains(time) else {
                throw DecodingError.dataCorruptedError(
                    in: field,
                    debugDescription: "\"\(text)\" is no time of the years 1600 to 9999, such as 2026-11-27T07:41:00Z")
            }
            return time
        }
    }
}
