import Collectives
import Testing

@testable import Watching

@Suite struct HangBlockTests {
    @Test func rankThatWaitsForNobodyIsBehind() {
        let reports = (0..<8).map { rank in
            rank == 4
                ? report(rank, "in DrillCallback.onTrainStepBegin")
                : report(rank, "at operation 17 of 90, momentumUpdate", waitingIn: "allReduce", over: "dp")
        }
        #expect(
            block(reports) == """
                no progress for 2.5 seconds, so the run ends. Where its ranks are:
                  rank 4 is behind: step 9, in DrillCallback.onTrainStepBegin (process 104 on node1)
                  ranks 0-3, 5-7 wait in allReduce over dp for rank 4: step 9, at operation 17 of 90, momentumUpdate
                """)
    }

    @Test func rankThatSaysNothingIsBehind() {
        let reports = [0, 1, 3].map {
            report($0, "between two steps", waitingIn: "allReduce", over: "world", members: Array(0..<4))
        }
        #expect(
            block(reports, ranks: 4) == """
                no progress for 2.5 seconds, so the run ends. Where its ranks are:
                  rank 2 is behind and says nothing: silent (process 102 on node0)
                  ranks 0-1, 3 wait in allReduce over world for rank 2: step 9, between two steps
                """)
    }

    /// As when ranks do not make the same calls.
    @Test func whereAllWaitTheRankWithTheFewestCallsIsBehind() {
        let reports = (0..<3).map { rank in
            report(
                rank, "in ModelCheckpoint.onTrainStepEnd", waitingIn: rank == 1 ? "broadcast" : "allGather",
                over: "world", members: [0, 1, 2], collectives: rank == 1 ? 40 : 41)
        }
        #expect(
            block(reports, ranks: 3) == """
                no progress for 2.5 seconds, so the run ends. Where its ranks are:
                  rank 1 is behind: step 9, in ModelCheckpoint.onTrainStepEnd, waiting in broadcast over world \
                (process 101 on node0)
                  ranks 0, 2 wait in allGather over world for rank 1: step 9, in ModelCheckpoint.onTrainStepEnd
                """)
    }

    @Test func groupsOfAMeshAreToldApart() {
        let reports = [
            report(0, "at operation 3 of 9, add", waitingIn: "allReduce", over: "tp", members: [0, 1]),
            report(1, "at operation 2 of 9, gelu"),
            report(2, "at operation 8 of 9, add", waitingIn: "allReduce", over: "dp", members: [0, 2]),
            report(3, "at operation 8 of 9, add", waitingIn: "allReduce", over: "dp", members: [1, 3]),
        ]
        #expect(
            block(reports, ranks: 4) == """
                no progress for 2.5 seconds, so the run ends. Where its ranks are:
                  rank 1 is behind: step 9, at operation 2 of 9, gelu (process 101 on node0)
                  rank 0 waits in allReduce over tp for rank 1: step 9, at operation 3 of 9, add
                  rank 2 waits in allReduce over dp for rank 0: step 9, at operation 8 of 9, add
                  rank 3 waits in allReduce over dp for rank 1: step 9, at operation 8 of 9, add
                """)
    }

    @Test func singleRankIsTheOneBehind() {
        #expect(
            block([report(0, "in TimeMonitor.onTrainStepEnd")], ranks: 1).contains("\n  rank 0 is behind: step 9, "))
    }

    private func report(
        _ rank: Int, _ activity: String, waitingIn name: String? = nil, over group: String = "",
        members: [Int] = Array(0..<8), collectives: Int = 40
    ) -> HangReport {
        HangReport(
            run: "r", rank: rank, beats: 8, step: 9, isEvaluation: false, activity: activity,
            call: name.map { CollectiveLog.Call(name: $0, group: group, members: members) }, collectives: collectives,
            traced: [])
    }

    private func block(_ reports: [HangReport], ranks: Int = 8) -> String {
        let peers = (0..<ranks).map { HangPeer(host: "node\($0 / 4)", process: Int32(100 + $0)) }
        return HangBlock(reports, peers: peers, timeout: .milliseconds(2500)) { "silent (\($0))" }.description
    }
}
