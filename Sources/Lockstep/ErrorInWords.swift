import Foundation

/// What somebody else's code threw, as a sentence.
package struct ErrorInWords: Error, CustomStringConvertible {
    package let description: String

    /// Runs code that is not ours: what Foundation throws there is said as a sentence, not as a dump.
    package static func inWords<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as CocoaError {
            // Which file it is about is not in Foundation's sentence.
            let reason = error.localizedDescription.replacing("The operation could not be completed. ", with: "")
            let path = error.filePath ?? error.url?.path(percentEncoded: false)
            throw ErrorInWords(description: path.map { "\($0): \(reason)" } ?? reason)
        } catch let error as any LocalizedError {
            throw error.errorDescription.map(ErrorInWords.init) ?? error
        }
    }
}
