import ArgumentParser

/// A number of bytes on the command line: 20GB, 1.5TiB, or 4096.
package struct ByteSize: ExpressibleByArgument, Hashable, Sendable {
    /// How many.
    package let bytes: Double

    /// How it can be written.
    package static let forms = "such as 300MB, 20GB or 1.5TiB"

    /// Reads a number of bytes, which may be one a second, as in 2GB/s; nil if it is none.
    package init?(argument: String) {
        let text = argument.hasSuffix("/s") ? argument.dropLast(2) : argument[...]
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), let unit = Self.units[String(text.dropFirst(digits.count))] else {
            return nil
        }
        bytes = number * unit
    }

    private static let units: [String: Double] = [
        "": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15, "KiB": 0x1p10, "MiB": 0x1p20,
        "GiB": 0x1p30, "TiB": 0x1p40, "PiB": 0x1p50,
    ]
}
