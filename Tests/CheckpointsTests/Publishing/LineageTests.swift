import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import SystemPackage
import Testing

/// Which set is newer than which: by what follows what, and never by a clock or a step alone.
struct LineageTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: disk) }

    private func names() throws -> [String] { try directory.list().manifests.map(\.name) }

    @Test func setsFollowEachOtherWhateverClocksSay() throws {
        var branch = RunBranch()
        // Two hours fast, then put right, then slow.
        for (step, seconds) in [(20, 7200.0), (30, 0), (40, 1), (50, -7200)] {
            try publish("net-1_\(step)", step: step, after: &branch, on: disk, at: 1_000_000_000 + seconds)
        }
        let listing = try directory.list()
        #expect(listing.manifests.map(\.name) == ["net-1_50", "net-1_40", "net-1_30", "net-1_20"])
        #expect(listing.manifests.map { $0.lineage?.generation } == [4, 3, 2, 1])
        #expect(Set(listing.manifests.map { $0.lineage?.run }).count == 1 && listing.doubts.isEmpty)
        #expect(listing.manifests.dropLast().map { $0.lineage?.parent } == listing.manifests.dropFirst().map(\.id))
    }

    @Test func whatFollowsAnOlderSetIsNewerThanHigherSteps() throws {
        var branch = RunBranch()
        let sets = try [10, 20, 30].map { try publish("net-1_\($0)", step: $0, after: &branch, on: disk) }
        branch = RunBranch(after: sets[0])
        let back = try publish("net-1_12", step: 12, after: &branch, on: disk)
        #expect(back.lineage?.generation == 4 && back.lineage?.abandoned == [2...3])
        #expect(back.lineage?.run == sets[0].lineage?.run && back.lineage?.parent == sets[0].id)
        // If the newest is damaged, the next one on its branch is tried before those that were left.
        #expect(try names() == ["net-1_12", "net-1_10", "net-1_30", "net-1_20"])
        try publish("net-1_14", step: 14, after: &branch, on: disk)
        #expect(try names() == ["net-1_14", "net-1_12", "net-1_10", "net-1_30", "net-1_20"])
    }

    @Test func aRunCanGoBackAgainAndAgain() throws {
        var branch = RunBranch()
        let first = try publish("a", step: 1, after: &branch, on: disk)
        let second = try publish("b", step: 2, after: &branch, on: disk)
        branch = RunBranch(after: first)
        try publish("c", step: 2, after: &branch, on: disk)
        // To the branch that was left, and from there to the beginning.
        branch = RunBranch(after: second)
        let fourth = try publish("d", step: 3, after: &branch, on: disk)
        #expect(fourth.lineage?.abandoned == [3...3])
        #expect(try names() == ["d", "b", "a", "c"])
        branch = RunBranch(after: first)
        let fifth = try publish("e", step: 2, after: &branch, on: disk)
        #expect(fifth.lineage?.abandoned == [2...4])
        #expect(try names() == ["e", "a", "d", "c", "b"])
    }

    @Test func aRunThatBeginsAnewIsNewerThanOneThatCameFurther() throws {
        var (old, new) = (RunBranch(), RunBranch())
        try publish("a", step: 80, after: &old, on: disk, at: 2_000_000_000)
        let begun = try publish("b", step: 1, after: &new, on: disk)
        #expect(begun.lineage?.generation == 2 && begun.lineage?.parent == nil && begun.lineage?.abandoned == [])
        #expect(try names() == ["b", "a"])
    }

    @Test func aRunThatMovesToAnotherDirectoryStaysTheSame() throws {
        var branch = RunBranch()
        for step in 1...5 { try publish("net-1_\(step)", step: step, after: &branch, on: disk, in: "/disk/other") }
        var other = RunBranch()
        try publish("a", step: 9, after: &other, on: disk)
        let moved = try publish("b", step: 6, after: &branch, on: disk)
        #expect(moved.lineage?.generation == 6 && moved.lineage?.run == branch.run)
        #expect(try names() == ["b", "a"])
    }

    @Test func aSetOfAnOlderVersionCanBeFollowed() throws {
        let old = try publish("a", step: 8, on: disk).manifest
        #expect(old.lineage == nil)
        var branch = RunBranch(after: old)
        let new = try publish("b", step: 4, after: &branch, on: disk)
        #expect(new.lineage?.parent == old.id && new.lineage?.generation == 1)
        #expect(try names() == ["b", "a"])
        // An older version has saved here since.
        try publish("c", step: 10, on: disk, at: 1_000_000_100)
        let listing = try directory.list()
        #expect(listing.manifests.map(\.name) == ["b", "c", "a"])
        #expect(listing.doubts.count == 1 && listing.doubts[0].hasPrefix("checkpoint c of step 10 is dated later "))
    }

    @Test func aNumberedPrefixTellsTheNewestOfTheRunsThatDidNotSay() throws {
        for (name, step, seconds) in [
            ("net-1_40", 40, 1.0), ("Net_train", 80, 2), ("net_1-1_10", 10, 3), ("net_1-1_20", 20, 4),
        ] {
            try publish(name, step: step, on: disk, at: 1_000_000_000 + seconds)
        }
        #expect(try names() == ["net_1-1_20", "net_1-1_10", "Net_train", "net-1_40"])
        #expect(try directory.list().doubts.isEmpty)
    }

    @Test func allRanksPublishUnderTheLineageOfRankZero() throws {
        let directory = directory
        let published = try ThreadWorld.run(ranks: 4) { world in
            // Each rank has made an id of its own.
            let publisher = CheckpointPublisher(directory, world: world, branch: RunBranch())
            return try publisher.publish(set("a", step: 1), files: [file("a", step: 1, rank: world.rank)]).manifest
        }
        #expect(Set(published.map { $0.lineage?.run }).count == 1)
    }

    @Test func generationsThatWereLeftAreFoundAmongMany() {
        let left = (1...1000).map { 10 * $0 + 3...10 * $0 + 6 }
        let newest = Lineage(run: "1", parent: nil, generation: 20_000, abandoned: left)
        for generation in 1...12_000 {
            let isLeft = left.contains { $0.contains(generation) }
            let other = Lineage(run: "1", parent: nil, generation: generation)
            #expect(newest.follows(other) != isLeft, "\(generation)")
        }
    }

    /// Whoever plants sets may plant many: each is compared with what is known of all, not with all.
    @Test(.timeLimit(.minutes(1))) func thousandsOfSetsThatDidNotSayAreOrderedAtOnce() throws {
        let text = String(decoding: try publish("net-1_1", step: 1, on: disk).manifest.json, as: UTF8.self)
        for number in 1...4000 {
            let other = text.replacing("\"net-1_1\"", with: "\"net_\(number)-1_1\"")
            try disk.replaceContents(
                of: output.appending("net_\(number)-1_1.manifest.json"), with: Array(other.utf8), isDurable: false)
        }
        #expect(try directory.list().manifests.first?.name == "net_4000-1_1")
    }

    @Test(arguments: [
        ("\"generation\" : 3", "\"generation\" : 0", "lineage.generation is 0"),
        ("\"generation\" : 3", "\"generation\" : 9007199254740992", "lineage.generation is 9007199254740992"),
        ("\"generation\" : 3", "\"generation\" : 2", "lineage.abandoned has 2 to 2, and the set is number 2"),
        (
            "\"abandoned\" : [", "\"abandoned\" : [ [1, 2],",
            "lineage.abandoned has 2 after 2, and the numbers must ascend"
        ),
        ("\"run\" : \"", "\"run\" : \"/", "cannot be the id of a run"),
        ("\"parent\" : \"", "\"parent\" : \"/", "cannot be the id of a set"),
    ])
    func aLineageThatCannotBeIsRefused(change: (old: String, new: String, problem: String)) throws {
        var branch = RunBranch()
        let first = try publish("a", step: 1, after: &branch, on: disk)
        try publish("b", step: 2, after: &branch, on: disk)
        branch = RunBranch(after: first)
        let text = String(decoding: try publish("c", step: 3, after: &branch, on: disk).json, as: UTF8.self)
        #expect(try Manifest(json: Array(text.utf8), path: "m").lineage?.abandoned == [2...2])
        let changed = text.replacing(change.old, with: change.new)
        #expect(changed != text)
        let error = #expect(throws: CheckpointSetError.self) { try Manifest(json: Array(changed.utf8), path: "m") }
        #expect(error?.description.contains(change.problem) == true)
    }
}
