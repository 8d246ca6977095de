import Files
import Synchronization
import Testing

@testable import Stopping

/// Who started the ranks, whatever stands between.
struct LauncherTests {
    /// A process of a made-up machine.
    struct Entry {
        let number: Int32
        let name: String
        let parent: Int32
    }

    private let machine = [
        Entry(number: 1, name: "systemd", parent: 0), Entry(number: 10, name: "bash", parent: 1),
        Entry(number: 20, name: "mpirun", parent: 10), Entry(number: 30, name: "timeout", parent: 20),
        Entry(number: 40, name: "bash", parent: 30), Entry(number: 50, name: "my-launcher", parent: 10),
        Entry(number: 60, name: "strace", parent: 50),
    ]

    @Test(arguments: [Int32(20), 30, 40])
    func launcherIsTheNearestAncestorOfThatName(parent: Int32) {
        #expect(LauncherProcess.find(parent: parent, server: nil, table: table) == 20)
    }

    @Test func serverOfTheRanksIsTheLauncherWhateverItIsCalled() {
        #expect(LauncherProcess.find(parent: 60, server: 50, table: table) == 50)
        #expect(LauncherProcess.find(parent: 60, server: 7777, table: table) == 60)
        let variables = ["PMIX_DSTORE_21_BASE_PATH": "/tmp/ompi.node.0/pid.12658/pmix_dstor_ds21_12658"]
        #expect(LauncherProcess.pmixServer(in: variables) == 12658)
    }

    @Test func parentIsTheLauncherWhereNobodyElseIs() {
        #expect(LauncherProcess.find(parent: 10, server: nil, table: table) == 10)
        #expect(LauncherProcess.find(parent: 0, server: nil, table: table) == 0)
    }

    @Test func lostConnectionIsARequest() {
        let box = Box()
        let watch = LauncherWatch { box.isLost.load(ordering: .relaxed) }
        #expect(watch.poll() == nil)
        box.isLost.store(true, ordering: .relaxed)
        #expect(watch.poll() == .orphaned)
        #expect(watch.details.explanation?.hasPrefix("the connection to process ") == true)
        box.isLost.store(false, ordering: .relaxed)
        #expect(watch.poll() == .orphaned)
    }

    private final class Box: Sendable {
        let isLost = Atomic(false)
    }

    private var table: ProcessTable {
        let texts = Dictionary(
            uniqueKeysWithValues: machine.map { ($0.number, "Name:\t\($0.name)\nState:\tS\nPPid:\t\($0.parent)\n") })
        return ProcessTable { texts[$0] }
    }
}
