import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import SystemPackage
import Testing

/// What lies on the disk after a set is published, and what all ranks throw if it is not.
struct PublishTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: disk) }

    @Test func aSetHasFinalNamesAndIsReadOnly() throws {
        let disk = disk
        let published = try ThreadWorld.run(ranks: 4) { world in
            try publish("LeNet5_train", step: 7, over: world, on: disk)
        }
        #expect(published.allSatisfy { $0.warning == nil && $0.manifest.id == published[0].manifest.id })
        // What others have written is rank 0's alone to know.
        #expect(published.dropFirst().map { $0.manifest.files.map(\.rank) } == [[1], [2], [3]])
        let manifest = try #require(try directory.manifest(named: "LeNet5_train"))
        #expect(manifest == published[0].manifest)
        #expect(manifest.worldSize == 4)
        #expect(manifest.files.map(\.path) == (0..<4).map { "rank_\($0)/LeNet5_train.ckpt" })
        for file in manifest.files { #expect(disk.permissions(of: directory.finalPath(of: file)) == 0o400) }
        try directory.verify(manifest)
        #expect(try disk.names(in: output) == ["LeNet5_train.manifest.json"] + (0..<4).map { "rank_\($0)" })
        #expect(try disk.names(in: output.appending("rank_3")) == ["LeNet5_train.ckpt"])
    }

    @Test func aRankMayHaveSeveralFilesOrNone() throws {
        let disk = disk
        let directory = directory
        _ = try ThreadWorld.run(ranks: 2) { world in
            let companion = CheckpointFile("graphs/a.mindir", role: .companion) { try $0.write([1, 2, 3].span) }
            let files = world.rank == 0 ? [file("a", step: 1, rank: 0), companion] : []
            let published = try CheckpointPublisher(directory, world: world).publish(
                set("a", step: 1, kind: .integrated), files: files)
            #expect(
                published.manifest.files.map(\.path)
                    == (world.rank == 0 ? ["rank_0/a.ckpt", "graphs/a.mindir"] : []))
        }
        #expect(try disk.contents(of: output.appending("graphs/a.mindir"), limit: 3) == [1, 2, 3])
        let restored = try ThreadWorld.run(ranks: 3) { world in
            try CheckpointRestorer(directory, world: world).restore(named: "a")?.reader.integer("step_num")
        }
        #expect(restored == [1, 1, 1])
    }

    @Test func filesOfRanksThatAreNoMoreGoWithTheirSet() throws {
        let disk = disk
        _ = try ThreadWorld.run(ranks: 4) { try publish("a", step: 1, over: $0, on: disk) }
        _ = try ThreadWorld.run(ranks: 2) { try publish("a", step: 2, over: $0, on: disk) }
        #expect(try disk.names(in: output.appending("rank_1")) == ["a.ckpt"])
        #expect(try disk.names(in: output.appending("rank_3")) == [])
    }

    @Test func aFailureOnOneRankIsThrownByAllAndNamesIt() throws {
        let disk = disk
        let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
            try publish(
                "a", step: 1, over: world,
                on: world.rank == 2 ? FaultyFileSystem(disk, .fails(.noSpace), at: 3) : disk)
        }
        let path = output.appending("rank_2")
        for outcome in outcomes {
            #expect(throws: RankFailure.self) { try outcome.get() }
            guard case .failure(let error as RankFailure) = outcome else { continue }
            #expect(error.rank == 2)
            #expect(error.reason.contains("No space left on device"), "\(error) at \(path)")
        }
        #expect(try directory.list().manifests.isEmpty)
        for rank in [0, 1, 3] { #expect(try disk.names(in: output.appending("rank_\(rank)")) == []) }
    }

    @Test func aloneTheErrorItselfIsThrown() {
        #expect(throws: FileError("write", output.appending("rank_0/x"), .noSpace)) {
            try CheckpointPublisher(directory, world: SoloCommunicator()).publish(
                set("a", step: 1),
                files: [
                    CheckpointFile("rank_0/a.ckpt") { _ in
                        throw FileError("write", output.appending("rank_0/x"), .noSpace)
                    }
                ])
        }
    }

    @Test func twoRanksCannotWriteOneFile() throws {
        let directory = directory
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            try CheckpointPublisher(directory, world: world).publish(
                set("a", step: 1), files: [file("a", step: 1, rank: 0)])
        }
        for outcome in outcomes {
            #expect(
                throws: CheckpointSetError.unpublishable(name: "a", reason: "it names rank_0/a.ckpt twice")
            ) { try outcome.get() }
        }
        #expect(try disk.names(in: output.appending("rank_0")) == [])
    }

    @Test(arguments: ["", ".a", "a/b", "a\nb", String(repeating: "x", count: 151)])
    func aNameThatIsNoFileNameIsRefused(name: String) {
        #expect(throws: CheckpointSetError.self) { try publish(name, step: 1, on: disk) }
    }
}
