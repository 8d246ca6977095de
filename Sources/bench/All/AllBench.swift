import ArgumentParser
import Files
import Foundation
import Terminal

/// `bench all`: every row of the table of targets, measured in one run.
struct AllBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Everything: the table of the targets, then each benchmark's own tables.")

    @OptionGroup var options: RoundOptions

    func run() throws {
        let machine = Machine.description
        let reports = try Self.benchmarks(options.arguments).map { benchmark in
            let name = type(of: benchmark).configuration.commandName ?? ""
            StandardStream.error.offer("bench: measuring \(name)\n")
            return try benchmark.report()
        }
        try StandardStream.output.print("# Lockstep beside others\n\n\(machine)\n")
        try StandardStream.output.print(Verdict.table(reports.flatMap(\.verdicts)).markdown)
        for report in reports { try StandardStream.output.print("\n\(report)") }
    }

    private static func benchmarks(_ arguments: [String]) throws -> [any Benchmark] {
        [
            try MatmulBench.parse(arguments), try GPTBench.parse(arguments), try LeNetBench.parse(arguments),
            try ResNetBench.parse(arguments), try LSTMBench.parse(arguments),
            try NetworksBench.parse(arguments),
            try StartBench.parse(arguments), try AgreementBench.parse(arguments), try AllReduceBench.parse(arguments),
        ]
    }
}

/// Where and when something was measured.
enum Machine {
    /// Processor, cores, load and day.
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let load = contents(of: "/proc/loadavg").prefix { $0 != " " }
        return "\(processor), \(cores) core\(cores == 1 ? "" : "s"); load average before: \(load); \(day)."
    }

    private static var processor: Substring {
        let line = contents(of: "/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.drop { $0 != ":" }.dropFirst(2) ?? "an unknown processor"
    }

    private static var day: String {
        Date.now.formatted(.iso8601.year().month().day())
    }

    private static func contents(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
