import Foundation
import Testing

/// The rules of CONTRIBUTING that can be read off the sources.
struct TidyTests {
    private let files = SourceFile.all

    @Test func thereIsSomethingToRead() {
        #expect(files.count > 400)
        #expect(files.contains { $0.path == "Runs/Run/Run.swift" })
    }

    @Test func filesAreSmall() {
        for file in files where !file.isGenerated {
            #expect(file.lines.count <= 251, "\(file) has \(file.lines.count - 1) lines; at most 250 are easy to read")
        }
    }

    @Test func functionsReadWithoutScrolling() {
        // Tables over all operations, until each operation knows itself.
        let tables: Set = ["Graphs/Operation+Types.swift", "Graphs/GradientRules.swift"]
        for file in files where !file.isGenerated && !tables.contains(file.path) {
            for (line, length) in functions(of: file) {
                #expect(
                    length <= 60, "\(file):\(line) is a function of \(length) lines; at most 60 can be seen at once")
            }
        }
    }

    /// Where functions begin, and how many lines they have: to the first brace as far in as they begin.
    private func functions(of file: SourceFile) -> [(line: Int, length: Int)] {
        file.code.compactMap { number, text in
            let indent = text.prefix { $0 == " " }
            let words = text.drop { $0 == " " }
            guard words.contains(/^(?:[\w@()]+ )*(?:func|init|subscript)\b/),
                words.hasSuffix("{") || words.hasSuffix("(")
            else { return nil }
            let end = file.lines[number...].firstIndex { $0.hasPrefix(indent + "}") }
            return end.map { (number, $0 - number + 2) }
        }
    }

    @Test func modulesAreSmall() {
        let large = ["Kernels": 7000, "Checkpoints": 7000]
        for (module, files) in Dictionary(grouping: files.filter { !$0.isGenerated }, by: \.module) {
            let count = files.reduce(0) { $0 + $1.lines.count - 1 }
            let limit = large[module] ?? 4000
            #expect(count <= limit, "\(module) has \(count) lines; at most \(limit) are one thing")
        }
    }

    @Test func noTwoTypesShareAName() {
        let declaration =
            /^(?:@\w+ |public |package |open |final |indirect )*(?:struct|class|enum|protocol|typealias) (\w+)/
        var places: [String: Set<String>] = [:]
        for file in files where !file.isGenerated {
            for (_, text) in file.code {
                guard let match = text.firstMatch(of: declaration), !text.hasPrefix("private") else { continue }
                places[String(match.1), default: []].insert(file.path)
            }
        }
        for (name, places) in places where places.count > 1 {
            Issue.record("\(name) is declared in \(places.sorted().joined(separator: " and "))")
        }
    }

    @Test func unsafeStandsOnlyWhereMemoryOrCIsEntered() {
        let doors: Set = [
            "CheckpointFiles", "Ciphers", "Checkpoints", "CheckpointsTestKit", "CollectivesTestKit", "Files", "Kernels",
            "Memory",
            "OpenMPI", "RankTestKit",
            "Stopping", "bench",
        ]
        for file in files where !doors.contains(file.module) {
            for (number, text) in file.code where text.contains(/\bunsafe\b/) && !text.contains("\"") {
                Issue.record("\(file):\(number) says unsafe: \(text)")
            }
        }
    }

    /// The one place from which sets are published.
    @Test func setsArePublishedByRunsAlone() {
        for file in files where !["Checkpoints", "CheckpointsTestKit", "Runs", "bench"].contains(file.module) {
            #expect(!file.code.contains { $0.text.contains("CheckpointPublisher(") }, "\(file) publishes")
        }
    }

    /// Whoever reads a clock that was not given cannot be simulated. The list only gets shorter.
    @Test func noOtherFileReadsAClockThatItWasNotGiven() {
        let known: Set = [
            "AgreedStop.swift", "BackgroundPoll.swift", "CheckpointPublisher.swift", "CheckpointSaver.swift",
            "Deadline+Slurm.swift",
            "Deadline.swift", "DrillEffects.swift", "ExitConfigFile.swift", "HaltRequest+Asking.swift",
            "HaltWatch.swift",
            "LauncherLimit.swift", "LauncherWatch.swift", "NoticeWatch.swift", "PendingRequests.swift", "RunLock.swift",
            "RunStatus.swift",
            "SaveClock.swift", "SignalWatch.swift", "StatusReport.swift", "StopSource.swift", "TimeMonitor.swift",
            "TrainingLoop.swift", "Watchdog.swift",
        ]
        let modules: Set = [
            "Checkpoints", "Collectives", "Datasets", "Drills", "Networks", "Runs", "Stopping", "Training", "Watching",
        ]
        let clock = /ContinuousClock\.now|ContinuousClock\.Instant = \.now|[^\w]\.now\b[^(]|\bDate\(\)|Thread\.sleep/
        for file in files where modules.contains(file.module) && !known.contains(file.name) {
            for (number, text) in file.code where text.contains(clock) {
                // A condition of a halt request has this name too.
                guard !text.contains("case .now"), !text.contains("?? .now"), file.name != "HaltRequest.swift" else {
                    continue
                }
                Issue.record("\(file):\(number) reads a clock: \(text)")
            }
        }
    }
}
