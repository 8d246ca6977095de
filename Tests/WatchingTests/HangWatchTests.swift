import CheckpointsTestKit
import Collectives
import Execution
import Files
import Graphs
import Synchronization
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

    /// Once the debugger has let go they report, though those that are told begin anew later than the one that reads.
    @Test func aDebuggerOnAnotherMachineIsToldOfToAll() {
        let ranks = Crew(3, status: ["102": "State:\tt (tracing stop)\nTracerPid:\t4711\n"], hosts: ["a", "b", "c"])
        #expect(ranks.tick(until: 60) == [nil, nil, nil])
        ranks.table.clear()
        let verdicts = ranks.tick(until: 90)
        #expect(verdicts[0]?.contains("no progress") == true)
        #expect(verdicts[1...] == ["leaves", "leaves"])
    }

    /// A hundred ranks read each a report a tick, and one of them those of all once.
    @Test func oneReadsForAll() {
        let files = CountingFiles(MemoryFileSystem())
        let verdicts = Crew(100, disk: files).tick(until: 9)
        #expect(verdicts[0]?.contains("no progress") == true && verdicts[1...].allSatisfy { $0 == "leaves" })
        #expect(files.openings < 100 * 6, "\(files.openings)")
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
    /// What the system says of processes.
    let table: StatusTable
    private var second = 0
    private var verdicts: [String?]

    init(
        _ ranks: Int, run: String = "run", disk: any FileSystem = MemoryFileSystem(), status: [String: String] = [:],
        hosts: [String] = ["node"]
    ) {
        let peers = (0..<ranks).map { HangPeer(host: hosts[$0 % hosts.count], process: Int32(101 + $0)) }
        whereabouts = peers.map { _ in Whereabouts() }
        let table = StatusTable(status)
        self.table = table
        watches = peers.indices.map { rank in
            HangWatch(
                HangCrew(run: run, rank: rank, peers: peers), timeout: .seconds(5), interval: .seconds(1),
                log: CollectiveLog(), folder: HangFolder(path: "/hang", files: disk),
                table: ProcessTable { table[$0] })
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

/// What the system says of processes, until it is cleared.
private final class StatusTable: Sendable {
    private let texts: Mutex<[String: String]>

    init(_ texts: [String: String]) {
        self.texts = Mutex(texts)
    }

    subscript(process: Int32) -> String? { texts.withLock { $0["\(process)"] } }

    func clear() { texts.withLock { $0 = [:] } }
}

/// Files of which each that is opened is counted.
private final class CountingFiles: ForwardingFileSystem {
    let base: any FileSystem
    private let count = Mutex(0)
    var openings: Int { count.withLock { $0 } }

    init(_ base: any FileSystem) {
        self.base = base
    }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .open { count.withLock { $0 += 1 } }
        return try body()
    }
}
