import Checkpoints
import CheckpointsTestKit
import Files
import Foundation
import SystemPackage
import Testing

@testable import Runs
@testable import Stopping
@testable import Training
@testable import Watching

/// Numbers that a run finds in names, in reports of other ranks, in states of callbacks and in its environment.
struct OutsideNumbersTests {
    @Test(arguments: ["9223372036854775807", "9223372036854775808", "9007199254740993", "-1", "+1", "1_0", "٣"])
    func numberOfAPrefixThatIsNoneIsAnotherPrefix(number: String) {
        let family = PrefixFamily(prefix: "CKP")
        let names = ["CKP_\(number)-1_1", "CKP-1_\(number)", "CKP-\(number)_1"]
        #expect(family.prefix(amid: names, breakpoints: false, carryingOn: []) == "CKP")
        #expect(family.prefix(amid: names + ["CKP-1_1"], breakpoints: false, carryingOn: []) == "CKP_1")
    }

    /// Two runs would share the prefix that both found to be the next.
    @Test func whoeverUsesUpTheLastPrefixLeavesTheOthers() {
        let family = PrefixFamily(prefix: "CKP")
        let names = ["CKP_999999999-1_1", "CKP-1_1"]
        #expect(family.prefix(amid: names, breakpoints: false, carryingOn: []) == "CKP_1")
        #expect(family.prefix(amid: names + ["CKP_1-1_1"], breakpoints: false, carryingOn: []) == "CKP_2")
    }

    @Test func reportOfRanksThatThereAreNotIsNone() throws {
        let folder = HangFolder(path: "/hang", files: MemoryFileSystem())
        try folder.files.createDirectory("/hang")
        for (rank, members) in [(0, "0,1"), (1, "\(Int.min),\(Int.max)")] {
            let text = """
                {"run":"r","rank":\(rank),"beats":3,"step":1,"isEvaluation":false,"activity":"a\\u001b[2J",
                "call":{"name":"n\\nrank 1 is fine","group":"g","members":[\(members)]},"collectives":1,"traced":[]}
                """
            try folder.files.replaceContents(of: FilePath("/hang/rank_\(rank).json"), with: Array(text.utf8))
        }
        let reports = (0..<2).compactMap { folder.report(ofRank: $0, of: "r", ranks: 2, beats: 3) }
        #expect(reports.map(\.rank) == [0])
        let peers = [HangPeer(host: "h", process: 1), HangPeer(host: "h", process: 2)]
        let block = HangBlock(reports, peers: peers, timeout: .seconds(Int64.max)) { _ in "gone" }.description
        #expect(block.contains("a\\u{1b}[2J") && block.contains("n\\u{a}rank 1 is fine"), "\(block)")
        #expect(!block.contains("\u{1B}"))
    }

    @Test(arguments: ["9223372036854775807", "9223372036854775808", "-1", "nan", "", "99999999999"])
    func environmentOfALauncherMayBeAnything(value: String) {
        for name in ["OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_MCA_odls_base_sigkill_timeout"] {
            let variables = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", name: value]
            guard let limit = LauncherLimit(environment: variables) else { continue }
            #expect((1...1 << 17).contains(limit.localRanks))
            _ = limit.warning(step: .seconds(1e18), save: .seconds(1e18), isMeasured: true)
        }
    }

    @Test(arguments: [Int.min, -1, Int.max])
    func stateOfACallbackMayBeAnyNumber(number: Int) throws {
        let stopping = try EarlyStopping(patience: .max)
        try stopping.restoreState(#"{"best":1,"wait":\#(number)}"#)
        #expect(OutsideNumber.range.contains(stopping.wait))
        let lowering = try ReduceLROnPlateau()
        try lowering.restoreState(#"{"best":1,"wait":\#(number),"cooldownCounter":\#(number)}"#)
        #expect(OutsideNumber.range.contains(lowering.wait))
    }

    @Test func textOfARequestIsOneVisibleLine() throws {
        let json = #"""
            {"id":"x","reason":"why\u001b[31m\nanother line\u202e","requester":{"user":"a\u0000b","host":"h\r",
            "processIdentifier":1},"asked":"2026-01-01T00:00:00Z"}
            """#
        let request = try HaltDirectory.request("x", in: Array(json.utf8))
        #expect(request.explanation == #"now, "why\u{1b}[31m\u{a}another line\u{202e}", request x"#)
        #expect("\(request.requester)" == #"a\u{0}b on h\u{d}, process 1"#)
    }
}
