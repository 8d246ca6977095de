import Datasets
import Files
import Graphs
import Networks

extension Model {
    /// What changes what a training computes, by name: of the optimizer, the loss, the network and the samples. How many
    /// ranks there are and in how many parts they make a step changes no more than the rounding, and is not among them; unless
    /// layers move running statistics, which each part does.
    func settings(training data: DataLoader, with optimizer: Optimizer) throws -> [String: String] {
        let rows = data.batchSize / (settings.placement.dataParts * settings.accumulation)
        let trace = Trace(cursor: cursor)
        let (outputs, labels) = apply(network, to: data, rows: rows, in: trace)
        let graph = trace.finish(outputs: [network.checked(lossFn, of: outputs, labels)])
        let rates = graph.dropoutRates.filter { $0 > 0 }.map { "\($0)" }
        var own = [
            SettingName.data: try data.dataset.fingerprint(), SettingName.seed: "\(seed)",
            SettingName.shuffle: data.isShuffled ? "on" : "off",
            "clip": settings.clipNorm.map { "\($0)" } ?? "none",
            "dropout": rates.isEmpty ? "none" : rates.joined(separator: " and "),
        ]
        // The graph is that of a rank: only runs whose ranks have like parts can be compared by it.
        let part = "\(rows) samples\(settings.placement.tensorParts)"
        if let sampler = data.sampler { own["sampler"] = sampler.description }
        if let buckets = data.buckets { own["buckets"] = buckets.description }
        if !graph.changedParameters.isEmpty { own[SettingName.accumulation] = "\(settings.accumulation)" }
        own[SettingName.network + "/" + part] = "graph \(Self.checksum(of: graph.structure))"
        if optimizer.schedule.isFunction {
            // A step that every run over these samples has.
            let step = data.stepsPerEpoch
            own[SettingName.schedule] = "\(optimizer.schedule(step)) at step \(step)"
        }
        return own.merging(lossFn.settings) { $1 }.merging(optimizer.settings) { $1 }
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

    /// What may change without being asked for; it is said.
    package static let changeable: Set = [scheduleSteps, schedule]
}
