import ArgumentParser

/// Throws unless a number on the command line, if it is given, is from 1 to `limit`.
package func checkCount(_ option: String, _ value: Int?, atMost limit: Int = .max) throws {
    guard let value, !(1...limit).contains(value) else { return }
    let allowed = value < 1 ? "at least 1" : "at most \(limit)"
    throw ValidationError("\(option) is \(value); it must be \(allowed)")
}
