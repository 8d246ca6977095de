import Foundation
import SystemPackage
import Testing

extension TestFolder {
    /// A training of a GPT so small that a step takes a moment, on a text in this folder; epochs of 20 steps.
    func gpt(
        dp: Int, tp: Int, epochs: Int = 3, steps: Int = 20, into directory: FilePath? = nil, _ more: [String] = []
    ) throws -> TrainerRun {
        let arguments =
            ["train", "--directory", (directory ?? out).string, "--epochs", "\(epochs)", "--steps", "\(steps)"]
            + ["--dp", "\(dp)", "--tp", "\(tp)", "--shard-optimizer", "--warm-up", "10", "--learning-rate", "1e-2"]
        return TrainerRun(ranks: dp * tp, arguments: try arguments + gptArguments() + more)
    }

    /// What its sizes and its data are; the case `resumed-state` of `RankCases` has them too.
    func gptArguments() throws -> [String] {
        // Words in an order that does not repeat, so that no two samples are alike.
        let words = ["war", "peace", "man", "woman", "fool", "love", "money", "a", "the", "of", "and", "is"]
        try write((0..<900).map { words[($0 * $0 + $0 / 7) % 12] }.joined(separator: " "), to: "text")
        return ["--model", "gpt", "--data", path.appending("text").string]
            + ["--layers", "2", "--width", "32", "--heads", "4", "--length", "16"]
    }

    /// The lines of a record, of which each is JSON.
    func lines<Line: Decodable>(of name: String, as type: Line.Type) throws -> [Line] {
        let text = try String(contentsOf: url(name), encoding: .utf8)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try text.split(separator: "\n").map { try decoder.decode(type, from: Data($0.utf8)) }
    }
}

/// A line of `--log-samples`.
struct SampleLine: Decodable {
    let step: Int
    let samples: [[Int]]

    /// The batch, from the shares of the ranks of a mesh, of which neighbours share a sample.
    func batch(tp: Int) -> [Int] {
        stride(from: 0, to: samples.count, by: tp).flatMap { samples[$0] }
    }

    /// Whether ranks that share the layers read the same samples.
    func isAlikeAlong(tp: Int) -> Bool {
        samples.indices.allSatisfy { samples[$0] == samples[$0 / tp * tp] }
    }
}

/// A line of `--history`.
struct HistoryLine: Decodable {
    let step: Int
    let epoch: Int
    let loss: Double
    let learningRate: Double
    let gradientNorm: Double?
    let tokensPerSecond: Double?
    let evaluation: [String: Double]?
}
