import Foundation
import MPITestKit
import Stopping
import Testing
import Training

extension MPITests.TrainerTests {
    @Suite struct ProfileTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        /// What the trace of a run says.
        private func trace(ranks: Int, _ more: [String] = []) throws -> (trace: Trace, output: String) {
            let file = folder.url("trace.json")
            let output = try folder.training(
                ranks: ranks, epochs: 2, ["--profile", file.path(percentEncoded: false), "--profile-steps", "3"] + more
            ).finish()
            return (try JSONDecoder().decode(Trace.self, from: Data(contentsOf: file)), output)
        }

        @Test(arguments: [1, 2]) func traceHoldsTheFirstStepsOfAllRanks(ranks: Int) throws {
            let trace = try trace(ranks: ranks).trace
            #expect(Set(trace.spans.map(\.pid)) == Set(0..<ranks))
            for rank in 0..<ranks {
                let spans = trace.spans.filter { $0.pid == rank }
                #expect(spans.filter { $0.cat == "step" }.map(\.name) == ["step 1", "step 2", "step 3"])
                // Three dense layers: forward, and the gradients of their weights and inputs; two convolutions, of which the
                // first needs none of its input.
                let counts = [
                    "matrixMultiply": 9, "convolution": 2, "convolutionWeightGradient": 2,
                    "convolutionInputGradient": 1, "momentumUpdate": 8, "stop agreement": 1,
                    "start allReduce": ranks > 1 ? 1 : 0, "await allReduce": ranks > 1 ? 1 : 0,
                ]
                for (name, count) in counts {
                    let found = spans.count { $0.beginsWith(name) && $0.isInStep(of: spans) }
                    #expect(found == 3 * count, "\(name) on rank \(rank)")
                }
                #expect(spans.count { $0.tid == 1 && $0.name == "allReduce" } == (ranks > 1 ? 3 : 0))
                #expect(spans.contains { $0.cat == "callback" && $0.name == "OnRequestExit" })
                let shapes = spans.filter { $0.beginsWith("matrixMultiply") }.compactMap { $0.args?["detail"] }
                #expect(shapes.contains("[\(32 / ranks), 400] [120, 400] → [\(32 / ranks), 120]"))
            }
        }

        @Test(arguments: [false, true]) func spansOfTheLoopAreNestedOrApart(savesInBackground: Bool) throws {
            let more = ["--save-every-steps", "2"] + (savesInBackground ? ["--async-save"] : [])
            let trace = try trace(ranks: 2, more).trace
            for rank in 0..<2 {
                let loop = trace.spans.filter { $0.pid == rank && $0.tid == 0 }
                var open: [Trace.Event] = []
                for span in loop.sorted(by: { ($0.start, -$0.length) < ($1.start, -$1.length) }) {
                    while let outer = open.last, outer.end <= span.start { open.removeLast() }
                    if let outer = open.last { #expect(span.end <= outer.end, "\(span) in \(outer)") }
                    open.append(span)
                }
                let save = try #require(loop.first { $0.cat == "save" })
                #expect(loop.contains { $0.name == "ModelCheckpoint" && $0.start <= save.start && save.end <= $0.end })
                #expect(trace.spans.contains { $0.pid == rank && $0.tid == 2 } == savesInBackground)
            }
        }

        @Test func whereTheTimeWentIsPrinted() throws {
            let output = try trace(ranks: 1).output
            #expect(output.contains(/where the time of rank 0 went in 3 steps, [0-9.]+ ms each\n/))
            #expect(output.contains(/operation matrixMultiply[A-Za-z +]* +[0-9]+ +[0-9.]+ +[0-9.]+ % +[0-9.]+\n/))
            #expect(output.contains("profile: \(folder.url("trace.json").path(percentEncoded: false))\n"))
        }

        @Test func fileThatCannotBeWrittenIsRefusedBeforeTheRun() throws {
            let file = folder.url("missing/trace.json").path(percentEncoded: false)
            let outcome = try folder.training(ranks: 2, ["--profile", file]).start().wait()
            #expect(outcome.exitCode == ExitStatus.configuration.rawValue, "\(outcome)")
            #expect(outcome.errors.contains("the profile cannot be written to \(file): "), "\(outcome)")
            #expect(!outcome.output.contains("epoch"), "\(outcome)")
        }
    }
}

/// A trace in Chrome's format.
private struct Trace: Decodable {
    struct Event: Decodable {
        let name: String
        let ph: String
        let cat: String?
        let ts: Double?
        let dur: Double?
        let pid: Int
        let tid: Int
        let args: [String: String]?

        /// In nanoseconds, which the file has as fractions of microseconds.
        var start: Int { Int(((ts ?? 0) * 1000).rounded()) }
        var length: Int { Int(((dur ?? 0) * 1000).rounded()) }
        var end: Int { start + length }

        /// Whether this is the first operation of those that ran as one.
        func beginsWith(_ operation: String) -> Bool { name == operation || name.hasPrefix("\(operation) + ") }

        func isInStep(of spans: [Event]) -> Bool {
            spans.contains { $0.cat == "step" && $0.start <= start && end <= $0.end }
        }
    }

    let traceEvents: [Event]

    /// The complete events, which have a beginning and a length.
    var spans: [Event] { traceEvents.filter { $0.ph == "X" } }
}
