/// What a metadata service is asked: the little of HTTP/1.1 (RFC 9112) that these services speak.
struct HTTPRequest {
    var method = "GET"
    let path: String
    /// What the service is called, which may be another name than its address.
    var host: String?
    var fields: [(name: String, value: String)] = []

    func bytes(to address: ServiceAddress) -> [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host ?? address.authority)", "Connection: close"]
        // A request that may have a body says that it has none.
        if method != "GET" { lines.append("Content-Length: 0") }
        lines += fields.map { "\($0.name): \($0.value)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

/// What a service answers.
struct HTTPResponse {
    let status: Int
    let body: String
    /// The seconds after which to ask again, where it says so; a date is not read.
    let retryAfter: Double?
    /// Whether it says where it ends.
    let endsItself: Bool

    /// Reads a whole answer; nil if it is none.
    init?(_ bytes: [UInt8]) {
        guard let split = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        let first = head.first?.split(separator: " ", maxSplits: 2) ?? []
        guard first.count >= 2, first[0].hasPrefix("HTTP/1."), let status = Int(first[1]), (100...599).contains(status)
        else { return nil }
        var fields: [String: String] = [:]
        for line in head.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            var value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            while value.last?.isWhitespace == true { value.removeLast() }
            fields[line[..<colon].lowercased()] = String(value)
        }
        guard let body = Self.body(bytes[split.upperBound...], fields) else { return nil }
        endsItself = fields["content-length"] != nil || fields["transfer-encoding"] != nil
        self.status = status
        self.body = String(decoding: body, as: UTF8.self)
        retryAfter = fields["retry-after"].flatMap { Double($0) }.flatMap { (0...1e6).contains($0) ? $0 : nil }
    }

    /// What the fields say is the body; nil if it was cut off.
    private static func body(_ rest: ArraySlice<UInt8>, _ fields: [String: String]) -> [UInt8]? {
        if fields["transfer-encoding"]?.lowercased() == "chunked" { return chunked(rest) }
        guard let text = fields["content-length"] else { return Array(rest) }
        guard let count = Int(text), count >= 0, rest.count >= count else { return nil }
        return Array(rest.prefix(count))
    }

    private static func chunked(_ rest: ArraySlice<UInt8>) -> [UInt8]? {
        var (rest, body) = (rest, [UInt8]())
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: rest[..<end.lowerBound], as: UTF8.self).prefix { $0 != ";" }
            rest = rest[end.upperBound...]
            guard let count = Int(size, radix: 16), count >= 0, rest.count >= count else { return nil }
            if count == 0 { return body }
            body += rest.prefix(count)
            rest = rest.dropFirst(count).dropFirst(2)
        }
        return nil
    }
}
