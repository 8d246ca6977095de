import Datasets
import Files
import Graphs
import LayerOperations
import Networks

extension Model {
    /// What changes what a training computes, by name: of the optimizer, the loss, the network and the samples. How many
    /// ranks there are and in how many parts they make a step changes no more than the rounding, and is not among them; unless
    /// layers move running statistics, which each part does, or normalise by the samples of a part.
    ///
    /// What is absent has a name too, for a run that carries on without it.
    func settings(training data: DataLoader, with optimizer: Optimizer) throws -> [String: String] {
        let rows = data.batchSize / (settings.placement.dataParts * settings.accumulation)
        let trace = Trace(cursor: cursor)
        let (outputs, labels) = apply(network, to: data, rows: rows, in: trace)
        let graph = trace.finish(outputs: [network.checked(lossFn, of: outputs, labels)])
        let rates = graph.dropoutRates.map { "\($0)" }
        var own = [
            SettingName.data: try data.dataset.fingerprint(), SettingName.seed: "\(seed)",
            SettingName.shuffle: data.isShuffled ? "on" : "off",
            "clip": settings.clipNorm.map { "\($0)" } ?? "none",
            "dropout": rates.isEmpty ? "none" : rates.joined(separator: " and "),
            "sampler": data.sampler?.description ?? "none", "buckets": data.buckets?.description ?? "none",
            "trained/names": "of names \(Self.checksum(of: optimizer.trained.map(\.name).joined(separator: " ")))",
        ]
        // The graph is that of a rank, which may depend on their number: only runs whose ranks have like parts are compared by it.
        let part = "\(rows) samples\(settings.placement.tensorParts)"
        if !graph.changedParameters.isEmpty { own[SettingName.accumulation] = "\(settings.accumulation)" }
        if graph.normalizesBySamples { own[SettingName.batchNorm] = "over \(rows) samples at a time" }
        own[SettingName.network + "/" + part] = "graph \(Self.checksum(of: graph.structure))"
        let functions = optimizer.functionSchedules
        if !functions.isEmpty {
            own[SettingName.schedule] = Self.text(ofSchedules: functions, upTo: data.stepsPerEpoch)
        }
        return own.merging(lossFn.settings) { $1 }.merging(optimizer.settings) { $1 }
    }

    /// The rates of the steps that every run over these samples has: of all, or of 200,000 and more of every k-th.
    static func text(ofSchedules functions: [LearningRate], upTo last: Int) -> String {
        let steps = stride(from: 1, through: last, by: max(last / 100_000, 1))
        let rates = functions.map { function in steps.map { function($0) } }
        return functions.map { "\($0(last))" }.joined(separator: " and ") + " at step \(last) after rates "
            + checksum(of: "\(rates)")
    }

    private static func checksum(of text: String) -> String {
        var checksum = Checksum()
        checksum.update(Array(text.utf8).span)
        return checksum.hexadecimal
    }
}

/// Names of settings that something is known about.
package enum SettingName {
    package static let network = "network"
    package static let batchSize = "batch-size"
    package static let seed = "seed"
    package static let shuffle = "shuffle"
    package static let data = "data"

    /// In how many parts a step is made, where that counts.
    package static let accumulation = "accumulate"

    /// The steps that a schedule is spread over: of a run that is made longer, the rest of it is another one.
    package static let scheduleSteps = "schedule-steps"

    /// What somebody's own function says of a later step, which may depend on how long the run is to be.
    package static let schedule = "schedule"

    /// How many samples are normalised together, where ranks do so each for itself.
    package static let batchNorm = "batch-norm"

    /// What may change without being asked for; it is said.
    package static let changeable: Set = [scheduleSteps, schedule, batchNorm]
}
