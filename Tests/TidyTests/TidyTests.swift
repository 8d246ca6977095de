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
        for file in files where !file.isGenerated {
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
            "LayerKernels", "Memory", "Notices",
            "OpenMPI", "Pictures", "RankTestKit",
            "Stopping", "bench",
        ]
        for file in files where !doors.contains(file.module) && file.mentions("unsafe") {
            for (number, text) in file.code where text.contains(/\bunsafe\b/) && !text.contains("\"") {
                Issue.record("\(file):\(number) says unsafe: \(text)")
            }
        }
    }

    /// The one place from which sets are published.
    @Test func setsArePublishedByRunsAlone() {
        for file in files where !["Checkpoints", "CheckpointsTestKit", "Runs", "bench"].contains(file.module) {
            guard file.mentions("CheckpointPublisher(") else { continue }
            #expect(!file.code.contains { $0.text.contains("CheckpointPublisher(") }, "\(file) publishes")
        }
    }

    /// The modules of which hundreds of ranks can live in one process.
    private let modulesOfRanks: Set = [
        "CheckpointFiles", "Checkpoints", "Ciphers", "Collectives", "Datasets", "Drills", "EmbeddedData", "Execution",
        "Goodput", "Graphs", "LayerOperations", "Lockstep", "MindIR", "Models", "Networks", "Notices", "Records",
        "Reporting", "Runs", "RunsCommandLine", "Stopping", "Training", "Watching",
    ]

    /// Whoever reads a clock, starts a thread or draws a number that was not given cannot be simulated: `Surroundings` has
    /// these, and is handed down.
    @Test func timeThreadsAndChanceComeIn() {
        let taken =
            /ContinuousClock\.now|Clock\(\)\.now|Instant = \.now|[^\w]\.now\b(?!\()|\bDate\(\)|Date\.now|SinceNow|clock_gettime|ProcessorTime\.of|Thread\(|Thread\.|\busleep\(|[^.\w]sleep\(\d|nanosleep|pthread_create|Dispatch|Task\.detached|\bTask \{|\.random\(|\.randomElement|\.shuffled?\(\)|SystemRandomNumberGenerator|UUID\(\)|ThisProcess\.(host|identifier)\b|\b_exit\(/
        for file in files where modulesOfRanks.contains(file.module) {
            for (number, text) in file.code where text.contains(taken) {
                // A halt request is due "now" too, and a signal's handler cannot be given anything.
                guard !text.contains("case .now"), file.module != "Stopping" || !text.contains("?? .now"),
                    !text.contains("HaltRequest(.now"),
                    !["SignalTable.swift", "ForcedExit.swift"].contains(file.name)
                else { continue }
                Issue.record("\(file):\(number) takes what it was not given: \(text)")
            }
        }
    }

    /// Deeper inside, somebody could forget to hand down what the rank was given.
    @Test func theSystemIsTheDefaultOfPublicDeclarationsAlone() {
        for file in files where modulesOfRanks.contains(file.module) && file.mentions(".system") {
            for (number, text) in file.code where text.contains(/[^\w]\.system\b/) {
                let declaration = file.lines[..<number].last { $0.contains(/\b(?:func|init|var)\b/) }
                #expect(declaration?.contains("public ") == true, "\(file):\(number) takes the system's: \(text)")
            }
        }
    }

    /// What is kept for the process is kept for all ranks that live in it.
    @Test func stateBelongsToARank() {
        // A signal comes to the process, and is handled where nothing can be handed down. The order of an epoch follows from its
        // key alone: whoever has computed it, it is right for all.
        let ofTheProcess: Set = [
            "Stopping/SignalTable.swift", "Stopping/NoticeWatch.swift", "Stopping/ForcedExit.swift",
            "Datasets/OrderTable.swift",
        ]
        let state =
            /\bstatic let .*(?:Mutex|Atomic)\b|\bstatic var \w+(?:: [^{]*)?(?:=.*)?$|^(?:\w+ |\w+\(\w+\) )*var \w+(?:: [^{]*)?(?:=.*)?$/
        for file in files where modulesOfRanks.contains(file.module) && !file.isGenerated {
            for (number, text) in file.code where text.contains(state) && !ofTheProcess.contains(file.path) {
                Issue.record("\(file):\(number) is state of the process: \(text)")
            }
        }
    }

    /// A mutant without a place would be found by no simulator, and one in several by accident.
    @Test func eachMutantIsPlantedInOneFile() throws {
        let mutants = try #require(files.first { $0.path == "Files/Mutant.swift" })
        let names = mutants.code.compactMap { $0.text.firstMatch(of: /^    case (\w+)/).map { String($0.1) } }
        #expect(names.count >= 18)
        // CI plants some of them.
        let script = try String(contentsOf: SourceFile.root.appending(path: "launch/test"), encoding: .utf8)
        let wanted = try #require(script.firstMatch(of: /\nmutants=\(([\w ]+)\)/)).1.split(separator: " ")
        #expect(wanted.count >= 5 && wanted.allSatisfy { names.contains(String($0)) }, "\(wanted) in launch/test")
        for name in names {
            let users = files.filter { file in
                file.path != mutants.path && file.mentions("Mutant.\(name)")
                    && file.code.contains { $0.text.contains("Mutant.\(name).isPlanted") }
            }
            #expect(users.count == 1, "\(name) is planted in \(users)")
        }
        // Whoever plants one is a simulator or a test.
        let planters = files.filter { file in
            file.mentions("Mutant.plant(") && file.code.contains { $0.text.contains("Mutant.plant(") }
        }
        #expect(planters.allSatisfy { ["Simulation", "simulate"].contains($0.module) }, "\(planters) plant mutants")
    }
}
