import CheckpointsTestKit
import Collectives
import Execution
import Files
import Graphs
import SystemPackage
import Tensors
import Testing

@testable import Watching

/// Watches of several ranks on one disk, told the time by the test.
@Suite struct HangWatchTests {
    @Test func lowestRankReportsOnceAllHave() {
        let ranks = Crew(2)
        ranks.whereabouts[1].turn(to: .hook("onTrainStepEnd", of: ModelCheckpoint.self))
        #expect(ranks.tick(until: 4) == [nil, nil])
        let verdicts = ranks.tick(until: 9)
        #expect(verdicts[0]?.contains("in ModelCheckpoint.onTrainStepEnd") == true)
        #expect(verdicts[1] == "leaves")
    }

    @Test func nothingIsSaidBeforeTheFirstStep() {
        let ranks = Crew(2)
        for watch in ranks.watches { watch.watch(nil) }
        #expect(ranks.tick(until: 60) == [nil, nil])
    }

    @Test func progressMeanwhileIsNoHang() {
        let ranks = Crew(1)
        // The rank reports at five seconds, and waits for one that says nothing.
        #expect(ranks.tick(until: 5) == [nil])
        ranks.whereabouts[0].beat()
        #expect(ranks.tick(until: 9) == [nil])
        #expect(ranks.tick(until: 20)[0]?.contains("no progress for 5 seconds") == true)
    }

    @Test func silentRankIsNamedWithWhatTheSystemSaysOfIt() {
        let ranks = Crew(3, status: ["103": "State:\tT (stopped)\nTracerPid:\t0\n"])
        let verdicts = ranks.tick(until: 20, but: 2)
        #expect(
            verdicts[0]?.contains(
                "rank 2 is behind and says nothing: its process is stopped by a signal (process 103 on node)") == true)
    }

    @Test func lowestRankThatLivesReports() {
        let verdicts = Crew(3).tick(until: 20, but: 0)
        #expect(verdicts[1]?.contains("rank 0 is behind and says nothing: its process is gone") == true)
    }

    @Test func nothingIsSaidWhileADebuggerHoldsARank() {
        let ranks = Crew(2, status: ["102": "State:\tt (tracing stop)\nTracerPid:\t4711\n"])
        #expect(ranks.tick(until: 100, but: 1) == [nil, nil])
    }

    @Test func reportsOfAnEarlierRunDoNotCount() {
        let disk = MemoryFileSystem()
        #expect(Crew(2, run: "old", disk: disk).tick(until: 20)[0] != nil)
        let verdicts = Crew(2, run: "new", disk: disk).tick(until: 20, but: 1)
        #expect(verdicts[0]?.contains("rank 1 is behind and says nothing") == true)
    }

    @Test func programSaysWhichOperationRuns() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType(Shape([2])))
        let program = trace.scope("head") { Program(trace.finish(outputs: [x.exp()]), on: CPUBackend()) }
        #expect(program.progress.operation == nil)
        #expect(program.progress.count == 1)
        try program.run()
        #expect(program.progress.operation == nil)
        #expect(Whereabouts.Activity.programs([program.progress]).description == "between two operations")
    }
}

/// The watches of all ranks of a run, each with a timeout of five seconds.
private final class Crew {
    let watches: [HangWatch]
    let whereabouts: [Whereabouts]
    private var second = 0
    private var verdicts: [String?]

    init(_ ranks: Int, run: String = "run", disk: MemoryFileSystem = MemoryFileSystem(), status: [String: String] = [:])
    {
        let peers = (0..<ranks).map { HangPeer(host: "node", process: Int32(101 + $0)) }
        whereabouts = peers.map { _ in Whereabouts() }
        watches = peers.indices.map { rank in
            HangWatch(
                HangCrew(run: run, rank: rank, peers: peers), timeout: .seconds(5), interval: .seconds(1),
                log: CollectiveLog(), folder: HangFolder(path: "/hang", files: disk),
                table: ProcessTable { status["\($0)"] })
        }
        verdicts = peers.map { _ in nil }
        for (watch, place) in zip(watches, whereabouts) { watch.watch(place) }
    }

    /// Tells all ranks but one every second up to this one, and returns the first thing that each does.
    func tick(until end: Int, but silent: Int? = nil) -> [String?] {
        while second <= end {
            for rank in watches.indices where rank != silent && verdicts[rank] == nil {
                switch watches[rank].tick(at: .seconds(second)) {
                case .goOn: break
                case .report(let text): verdicts[rank] = text
                case .leave: verdicts[rank] = "leaves"
                }
            }
            second += 1
        }
        return verdicts
    }
}

/// A callback, by its name.
private enum ModelCheckpoint {}
