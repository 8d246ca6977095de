import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Runs
import SystemPackage
import Testing
import Training

/// Two ranks that know two directories by one name, as on hosts without a shared disk.
struct SharedDirectoryTests {
    private let disks = [MemoryFileSystem(), MemoryFileSystem()]

    private func outcomes(_ callback: @escaping @Sendable (MemoryFileSystem) throws -> Callback) -> [String] {
        let disks = disks
        return ThreadWorld.runCollecting(ranks: 2) { world in
            _ = try SavingRun().train([callback(disks[world.rank])], world: world)
        }.map { outcome in
            guard case .failure(let error) = outcome else { return "it was trained" }
            return "\(error)"
        }
    }

    enum Saver: CaseIterable {
        case exit, checkpoint, monitor

        func callback(on disk: MemoryFileSystem) throws -> Callback {
            switch self {
            case .exit:
                try OnRequestExit(saveMindIR: false, directory: output.string, signals: [], files: disk)
            case .checkpoint: try ModelCheckpoint(directory: output.string, files: disk)
            case .monitor: try CheckpointMonitor(directory: output.string, files: disk)
            }
        }
    }

    @Test(arguments: Saver.allCases)
    func noRunBeginsInADirectoryThatItsRanksDoNotShare(saver: Saver) throws {
        let sentences = outcomes { disk in try saver.callback(on: disk) }
        #expect(sentences[0] == sentences[1])
        #expect(sentences[0].hasPrefix("rank 1: /disk/output on "))
        #expect(sentences[0].contains("is not the directory that rank 0 writes to"))
        for disk in disks {
            let names = try disk.names(in: output)
            #expect(!names.contains { $0.hasSuffix(".probe") })
        }
    }

    @Test func aSetThatOnlyRank0SeesIsNotRead() throws {
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, files: disks[0])
        try SavingRun().train([exit])
        let disks = disks
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let directory = CheckpointDirectory(output, fileSystem: disks[world.rank])
            _ = try CheckpointRestorer(directory, world: world).restoreNewest()
        }
        for outcome in outcomes {
            #expect(throws: CommonFailure(CheckpointSetError.notShared(directory: output, set: "Net_train", rank: 1))) {
                try outcome.get()
            }
        }
    }
}
