import Testing

@testable import Checkpoints

/// Names of files, which are told by their bytes.
struct SetNamesTests {
    @Test(
        arguments: [
            (".net.ckpt.7-1f.pending", "7-1f"), ("..7-a.pending", nil), (".a..7-a.pending", "7-a"),
            (".net.ckpt.7-1F.pending", nil), (".net.ckpt.7-.pending", nil), (".net.ckpt.-1f.pending", nil),
            ("net.ckpt.7-1f.pending", nil), (".7-1f.pending", nil), (".x.7-12345678901234567.pending", nil),
            (".x.7-1234567890123456.pending", "7-1234567890123456"), (".e\u{301}.7-1f.pending", "7-1f"),
            (".pending", nil),
        ] as [(String, String?)]) func pendingNamesHoldTheIdOfTheirSet(name: String, id: String?)
    {
        #expect(SetNames.id(inPending: name) == id)
    }

    @Test func anIdIsThatOfOneFile() {
        #expect(SetNames.id(inPending: ".a.ckpt.7-1f.pending", of: "a.ckpt") == "7-1f")
        #expect(SetNames.id(inPending: ".a.ckpt.7-1f.pending", of: "a") == nil)
        #expect(SetNames.id(inPending: ".a.ckpt..pending", of: "a.ckpt") == nil)
        // Two names for Swift's eyes are one, for a disk they are two.
        #expect(SetNames.id(inPending: ".\u{E9}.7-1f.pending", of: "e\u{301}") == nil)
    }

    @Test(arguments: [
        (".rank_0.probe", true), (".rank_.probe", false), (".rank_0x.probe", false), (".shared-9f3e.probe", true),
        (".rank_0.9f3e.probe", true), (".shared.9f3e.probe", true), (".speed.9f3e.probe", true),
        (".rank_.9f3e.probe", false), (".shared..probe", false), (".x.9f3e.probe", false), (".9f3e.probe", false),
        (".shared.12345678901234567.probe", false), (".shared-.probe", false), (".status.json.4711.tmp", true),
        (".account.jsonl.4711.tmp", true), ("account.jsonl.4711.tmp", false),
        ("..status.json.reserve.4711.tmp", true),
        ("...meta.json.f.tmp", true), ("status.json.4711.tmp", false), (".status.json..tmp", false),
        (".status.json.12345678901234567.tmp", false), ("meta.json.tmp", true), (".meta.json.tmp", false),
        (".x.probe", false), ("", false), (".", false),
    ]) func filesOfNoWorthAreTold(name: String, isPassing: Bool) {
        #expect(SetNames.isPassing(name) == isPassing)
    }

    @Test func foldersOfRanksAreTold() {
        for name in ["rank_0", "rank_131071"] { #expect(SetNames.isRankFolder(name)) }
        for name in ["rank_", "rank_x", "rank_0x", "xrank_0", "rank_\u{661}"] { #expect(!SetNames.isRankFolder(name)) }
    }

    @Test(arguments: [
        ("net-1_7", "net", 0), ("net_2-1_7", "net", 2), ("net_2-1_7_breakpoint", "net", 2), ("_2-1_7", "_2", 0),
        ("a-b_3-1_7", "a-b", 3), ("a_99999999999999999999-1_7", "a_99999999999999999999", 0),
    ]) func theSeriesOfANameIsTold(name: String, base: String, number: Int) throws {
        let series = try #require(SetNames.series(of: name))
        #expect(series.base == base && series.number == number)
    }

    @Test(arguments: ["net", "-1_7", "net-1_", "net-_7", "net-1_7_", "net-1_7_break", "net1_7"])
    func otherNamesAreOfNoSeries(name: String) {
        #expect(SetNames.series(of: name) == nil)
    }
}
