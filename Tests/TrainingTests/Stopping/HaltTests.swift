import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Records
import Runs
import SystemPackage
import Testing
import Training

@testable import Stopping

/// Halt requests in the directory of a run of two epochs of four steps.
struct HaltTests {
    private let disk = MemoryFileSystem()
    private var halts: HaltDirectory { HaltDirectory(ofRun: output, files: disk) }

    static let conditions: [(HaltRequest.Condition, Int)] = [
        (.now, 1), (.afterStep(3), 3), (.afterStep(5), 5), (.afterCheckpoints(1), 2), (.afterCheckpoints(2), 4),
        (.at(Date(timeIntervalSince1970: 1)), 1),
    ]

    @Test(arguments: conditions)
    func requestStopsWhenItIsDueAndIsRemoved(condition: HaltRequest.Condition, step: Int) throws {
        try halts.submit(request("r1", condition))
        #expect(try halts.request("r1") == request("r1", condition))
        let stops = try run(ranks: 2)
        #expect(stops.map { $0?.step } == [step, step])
        #expect(stops[0]?.record.requester == "anna on node1, process 7")
        #expect(stops[0]?.record.explanation == "\(condition), \"lunch\", request r1")
        #expect(try halts.ids() == [])
        // The run that carries on is not stopped again.
        #expect(try run(ranks: 2) == [nil, nil])
        #expect(try set().checkpoint.progress.step == 8)
    }

    @Test func requestThatIsNotDueStaysForTheNextRunAndCanBeWithdrawn() throws {
        try halts.submit(request("late", .afterStep(100)))
        try halts.submit(request("later", .at(.distantFuture)))
        #expect(try run(ranks: 1) == [nil])
        #expect(try halts.ids() == ["late", "later"])
        try halts.withdraw("late")
        try halts.withdraw("late")
        #expect(try halts.ids() == ["later"])
    }

    @Test func requestThatIsWithdrawnInTimeDoesNotStop() throws {
        try halts.submit(request("r1", .afterStep(3)))
        let actor = Actor(.trainStepEnd) { context in
            if context.originalArgs().curStepNum == 2 { try halts.withdraw("r1") }
        }
        #expect(try run(ranks: 1, actor) == [nil])
    }

    /// As after a kill between the publication and the removal.
    @Test func requestThatHasStoppedTheRunDoesNotStopItAgain() throws {
        try halts.submit(request("r1", .now))
        #expect(try run(ranks: 1).map { $0?.step } == [1])
        try halts.submit(request("r1", .now))
        #expect(try run(ranks: 1) == [nil])
        #expect(try halts.ids() == [])
    }

    @Test func fileThatIsNoRequestIsIgnoredUntilItIsOne() throws {
        let path = halts.path.appending("r1.json")
        try disk.createDirectory(halts.path)
        let file = try disk.create(path)
        try file.write(Array("{\"id\": ".utf8).span)
        try file.close()
        let actor = Actor(.trainStepEnd) { context in
            if context.originalArgs().curStepNum == 3 { try halts.submit(request("r1", .now)) }
        }
        // Seen when the ranks agree after the step.
        #expect(try run(ranks: 1, actor).map { $0?.step } == [3])
    }

    /// In place, under the same name.
    @Test func requestThatIsWrittenOverIsWhatItSaysNow() throws {
        try halts.submit(request("r1", .afterStep(100)))
        let actor = Actor(.trainStepEnd) { context in
            if context.originalArgs().curStepNum == 3 { try halts.submit(request("r1", .afterStep(4))) }
        }
        #expect(try run(ranks: 1, actor).map { $0?.step } == [4])
    }

    /// Its file is removed by the name that it has, or it would stop every run to come.
    @Test func requestIsKnownByItsFile() throws {
        try halts.submit(request("r1", .now))
        try disk.rename(halts.path.appending("r1.json"), to: halts.path.appending("copy.json"))
        #expect(try halts.request("copy").id == "copy")
        #expect(try run(ranks: 1).map { $0?.step } == [1])
        #expect(try halts.ids() == [])
        #expect(try run(ranks: 1) == [nil])
    }

    /// What stands in a file, or in the manifest of a set, is no path.
    @Test(arguments: [
        "../../precious", "../precious", "../Net_train.manifest", "/disk/precious", "a/../../precious", "",
    ])
    func anIdLeadsNowhere(id: String) throws {
        let forged = request(id, .now)
        #expect(throws: FileError.self) { try halts.submit(forged) }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let file = Array(try encoder.encode(forged))
        try disk.createDirectory(halts.path)
        let precious = [output.appending("precious.json"), FilePath("/disk/precious.json")]
        for place in precious + [halts.path.appending("r1.json")] { try disk.replaceContents(of: place, with: file) }
        #expect(try run(ranks: 1).map { $0?.record.haltRequest } == ["r1"])
        #expect(try halts.ids() == [])

        // The next run takes back what the manifest of its set names.
        let manifest = output.appending("Net_train.manifest.json")
        let text = String(decoding: try disk.contents(of: manifest, limit: 1 << 20), as: UTF8.self)
        let changed = text.replacing("\"haltRequest\" : \"r1\"", with: "\"haltRequest\" : \"\(id)\"")
        #expect(changed != text)
        try disk.replaceContents(of: manifest, with: Array(changed.utf8))
        #expect(try run(ranks: 1) == [nil])
        for place in precious + [manifest] { #expect(try disk.status(of: place) != nil) }
    }

    /// Clocks of hosts differ, and are set: the time that is told people does not decide.
    @Test(arguments: [(Date.distantPast, 100.0, nil), (.distantFuture, 0, 1)])
    func requestWithADelayIsDueWhenItIsOver(told: Date, delay: Double, step: Int?) throws {
        let request = HaltRequest(
            id: "r1", reason: nil, requester: .init(user: "anna", host: "node1", processIdentifier: 7), asked: Date(),
            condition: .at(told), delay: delay)
        try halts.submit(request)
        #expect(try run(ranks: 1).map { $0?.step } == [step])
    }

    private func request(_ id: String, _ condition: HaltRequest.Condition) -> HaltRequest {
        HaltRequest(
            id: id, reason: "lunch", requester: .init(user: "anna", host: "node1", processIdentifier: 7),
            asked: Date(timeIntervalSince1970: 1_000_000), condition: condition)
    }

    private func set() throws -> Manifest {
        try #require(try CheckpointDirectory(output, fileSystem: disk).manifest(named: "Net_train"))
    }

    /// How the run ended on each rank.
    private func run(ranks: Int, _ actor: Callback? = nil) throws -> [AgreedStop?] {
        guard ranks > 1 else { return [try run(on: SoloCommunicator(), actor)] }
        return try ThreadWorld.run(ranks: ranks) { try run(on: $0, nil) }
    }

    private func run(on world: any Communicator, _ actor: Callback?) throws -> AgreedStop? {
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true,
            stopping: StopOptions(runDirectory: output, pollInterval: .zero), files: disk)
        let saves = try ModelCheckpoint(
            directory: output.string, config: CheckpointConfig(saveCheckpointSteps: 2), files: disk)
        try smallModel(world: world).train(
            2, smallLoader(steps: 4, batchSize: 4), callbacks: [exit, saves] + [actor].compactMap { $0 })
        return exit.stop
    }
}
