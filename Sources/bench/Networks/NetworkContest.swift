import ArgumentParser
import Lockstep
import Terminal

/// `bench resnet`: the training step of a ResNet-18 beside PyTorch, on one thread.
struct ResNetBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "resnet", abstract: "ResNet-18's training step beside PyTorch.",
        discussion: "Pictures of 32 × 32 and the stem for them, batch 32, SGD with a moment, Float32, one thread each.")

    @OptionGroup var options: RoundOptions

    func report() throws -> Report {
        try NetworkContest(title: "ResNet-18", batch: "batch 32, SGD", workload: .pictures(.resnet, samples: 32))
            .report(options, rivals: [.eager, .channelsLast, .compiled])
    }
}

/// `bench lstm`: the training step of an LSTM beside PyTorch, on one thread.
struct LSTMBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "lstm", abstract: "An LSTM's training step beside PyTorch.",
        discussion: "Two layers of 256 over bytes, batch 16 × 128, AdamW, Float32, one thread each.")

    @OptionGroup var options: RoundOptions

    func report() throws -> Report {
        try NetworkContest(
            title: "LSTM of 2 × 256", batch: "batch 16 × 128, AdamW", workload: .lstm(samples: 16, length: 128)
        ).report(options, rivals: [.eager, .compiled])
    }
}

/// `bench networks`: the training steps of the other networks that ship beside PyTorch, on one thread.
struct NetworksBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "networks", abstract: "The training steps of MobileNetV2, ViT, U-Net and MLP beside PyTorch.",
        discussion:
            "Pictures of 32 × 32, batch 32, Float32, one thread each; ViT by AdamW, the others by SGD with a moment.")

    @OptionGroup var options: RoundOptions

    func report() throws -> Report {
        let networks: [(String, PictureNetwork)] = [
            ("MobileNetV2", .mobilenetv2), ("ViT", .vit), ("U-Net", .unet), ("MLP", .mlp),
        ]
        let reports = try networks.map { title, network in
            try NetworkContest(title: title, batch: "batch 32", workload: .pictures(network, samples: 32))
                .report(options, rivals: [.eager, .channelsLast, .compiled])
        }
        var report = Report(title: "Training steps of other networks")
        report.notes = reports.map { "\($0.title): \($0.notes.joined(separator: " "))" }
        report.tables = reports.flatMap(\.tables)
        report.verdicts = reports.flatMap(\.verdicts)
        return report
    }
}

/// A network's training step beside PyTorch in several settings, on one thread.
struct NetworkContest {
    let title: String
    let batch: String
    let workload: Workload

    func report(_ options: RoundOptions, rivals: [TorchMode]) throws -> Report {
        let peers = try options.makePeers()
        let ours = try Stepper.ours(workload)
        let theirs = try peers.map { peers in try rivals.map { try Stepper.torch(workload, mode: $0, in: peers) } }
        let contest = try StepContest(
            of: [ours] + (theirs ?? []), rounds: options.roundCount, turnSeconds: options.turnSeconds)
        var report = Report(title: "\(title) training step")
        report.notes = ["\(batch), Float32; medians of \(options.roundCount) rounds."]
        report.tables = [table(of: contest)]
        report.verdicts = [
            Verdict(
                what: "\(title) step, \(batch)", rival: "the best of PyTorch's settings", target: .atLeast(1),
                value: contest.steppers.indices.dropFirst().map { contest.speed(of: 0, relativeTo: $0) }.min())
        ]
        return report
    }

    private func table(of contest: StepContest) -> Table {
        var table = Table("contestant", "ms a step", "Lockstep is × as fast", "CPU ms a step", "peak MiB")
        for (index, stepper) in contest.steppers.enumerated() {
            table.add(
                stepper.name, (1000 * contest.seconds(index)).rounded(digits: 1),
                index == 0 ? "" : contest.speed(of: 0, relativeTo: index).rounded(digits: 2),
                (1000 * contest.processorSeconds(index)).rounded(digits: 1),
                (Double(contest.peakByteCount(index)) / 1_048_576).rounded(digits: 0))
        }
        return table
    }
}
