import Foundation
import Lockstep
import SystemPackage

/// A file with a line of JSON a step, which a run that carries on goes on with.
final class StepLines<Line: Codable> {
    private let file: any WritableFile

    /// Opens a file; of what is there, the lines of steps up to `step` stay.
    ///
    /// Later ones are of a run that was killed after it had saved step `step`; they will be made again.
    init(_ path: FilePath, upTo step: Int, files: any FileSystem = LocalFileSystem()) throws {
        let old = try files.status(of: path) == nil ? [] : try files.contents(of: path, limit: 1 << 30)
        let kept = old.split(separator: UInt8(ascii: "\n")).filter { line in
            // A line that was cut off by a kill is none.
            guard let mark = try? JSONDecoder().decode(StepMark.self, from: Data(line)) else { return false }
            return mark.step <= step
        }
        let pending = files.unguessablePath(beside: path, "pending")
        let folder = path.removingLastComponent()
        if !folder.isEmpty { try files.createDirectory(folder) }
        file = try files.create(pending)
        try file.write(Array(kept.map { $0 + [UInt8(ascii: "\n")] }.joined()).span)
        try files.rename(pending, to: path)
    }

    /// Appends a line.
    func append(_ line: Line) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        // A loss can be anything.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try file.write((Array(try encoder.encode(line)) + [UInt8(ascii: "\n")]).span)
    }
}

/// What every line has.
private struct StepMark: Decodable {
    let step: Int
}
