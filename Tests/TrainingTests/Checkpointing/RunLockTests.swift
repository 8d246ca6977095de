import Collectives
import CollectivesTestKit
import Files
import Foundation
import Runs
import Stopping
import Synchronization
import SystemPackage
import Testing
import Training

/// Two runs in one directory.
struct RunLockTests {
    private let directory = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)/out")

    @Test func theSecondRunIsToldWhoIsThereAndRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        let first = try RunLock(directory)
        let holder = "process \(ThisProcess.identifier) on \(ThisProcess.host)"
        var told: [String] = []
        let error = #expect(throws: RunLockError.self) {
            try RunLock(directory, patience: .milliseconds(150)) { told.append($0) }
        }
        #expect(error?.directory == directory && error?.holder == holder)
        #expect(told == [holder])
        withExtendedLifetime(first) {}
    }

    @Test func askedWhileTheyWaitAllRanksLeave() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        let first = try RunLock(directory)
        let directory = directory
        let stops = try ThreadWorld.run(ranks: 3) { world in
            let source = AskedSource()
            let requests = try StopRequests(to: [], StopOptions(sources: [source]), in: world)
            if world.rank == 2 { source.ask() }
            switch try RunLock.take(directory, in: world, hearing: requests) {
            case .taken: return nil as AgreedStop?
            case .stopped(let stop): return stop
            }
        }
        #expect(stops.allSatisfy { $0?.rank == 2 && $0?.step == nil }, "\(stops)")
        withExtendedLifetime(first) {}
    }

    @Test func ranksTakeTheDirectoryOnceTheFirstRunHasLeftIt() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        let first = Mutex<RunLock?>(try RunLock(directory))
        let directory = directory
        let isTaken = try ThreadWorld.run(ranks: 2) { world in
            let requests = try StopRequests(to: [], in: world)
            let hold = try RunLock.take(directory, in: world, hearing: requests) { _ in first.withLock { $0 = nil } }
            guard case .taken(let lock) = hold else { return false }
            return (lock != nil) == (world.rank == 0)
        }
        #expect(isTaken == [true, true])
    }

    @Test func whatIsWrongOnTheFirstRankIsThrownOnAll() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        let first = try RunLock(directory)
        let directory = directory
        let reasons = try ThreadWorld.run(ranks: 2) { world in
            let requests = try StopRequests(to: [], in: world)
            let error = #expect(throws: RankFailure.self) {
                try RunLock.take(directory, in: world, hearing: requests, patience: .zero)
            }
            return error?.reason
        }
        #expect(reasons.allSatisfy { $0?.hasPrefix("another run goes on in ") == true }, "\(reasons)")
        withExtendedLifetime(first) {}
    }

    @Test func whoComesAfterTheEndOfTheFirstIsLetIn() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        _ = try RunLock(directory)
        #expect(throws: Never.self) { try RunLock(directory, patience: .zero) }
    }
}
