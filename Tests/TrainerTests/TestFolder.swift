import Foundation
import SystemPackage

/// A folder for one test, with data in it.
final class TestFolder {
    let path: FilePath

    /// Where the trainer publishes.
    var out: FilePath { path.appending("out") }

    /// Digits so few that an epoch takes a moment.
    var data: FilePath { path.appending("data") }

    /// A folder whose labels are those of others plus `labelShift`.
    init(labelShift: Int = 0) throws {
        path = FilePath(NSTemporaryDirectory()).appending("trainer-\(UUID().uuidString)")
        try SmallDigits.write(to: data, labelShift: labelShift)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// A run on the data of this folder, into it.
    func training(ranks: Int, epochs: Int = 24, _ more: [String] = []) -> TrainerRun {
        let arguments = ["train", "--data", data.string, "--directory", out.string, "--epochs", "\(epochs)"]
        return TrainerRun(ranks: ranks, arguments: arguments + more)
    }

    /// An evaluation of what lies in this folder.
    func evaluation(ranks: Int, _ more: [String] = []) -> TrainerRun {
        TrainerRun(
            ranks: ranks, arguments: ["evaluate", "--data", data.string, "--directory", out.string] + more)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: url(name), options: .atomic)
    }

    /// Writes a file that nobody else may read.
    func writeKey(_ text: String, to name: String) throws {
        try write(text, to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url(name).path)
    }

    func url(_ name: String) -> URL { URL(filePath: path.appending(name).string) }
}

/// The files of a data set, made up: every label has a pattern of its own, and each image some of it wrong.
enum SmallDigits {
    /// Samples of an epoch: 4 steps of 32.
    static let trainCount = 128
    static let testCount = 48

    static func write(to folder: FilePath, testCount: Int = testCount, labelShift: Int = 0) throws {
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        for (part, count) in [("train", trainCount), ("t10k", testCount)] {
            try idx([count, 8, 8], (0..<count).flatMap(image)).write(to: file("\(part)-images-idx3-ubyte", folder))
            try idx([count], (0..<count).map { label($0 + labelShift) }).write(
                to: file("\(part)-labels-idx1-ubyte", folder))
        }
    }

    private static func label(_ sample: Int) -> UInt8 { UInt8(sample * 7 % 10) }

    private static func image(_ sample: Int) -> [UInt8] {
        let label = Int(label(sample))
        return (0..<64).map { pixel in
            let isWrong = (pixel * 31 + sample * 17) % 11 == 0
            let isBright = pixel * (label + 3) % 7 < 3
            return isBright != isWrong ? 220 : 15
        }
    }

    static func idx(_ shape: [Int], _ elements: [UInt8]) -> Data {
        var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
        for size in shape { bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
        return Data(bytes + elements)
    }

    private static func file(_ name: String, _ folder: FilePath) -> URL {
        URL(filePath: folder.appending(name).string)
    }
}
