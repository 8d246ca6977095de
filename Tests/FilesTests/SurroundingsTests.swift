import FoundationEssentials
import SurroundingsTestKit
import Synchronization
import SystemPackage
import Testing

@testable import Files

/// What every kind of surroundings must do, and what the virtual ones do in no time.
struct SurroundingsTests {
    private static let all: [@Sendable () -> any Surroundings] = [{ SystemSurroundings() }, { VirtualSurroundings() }]

    @Test(arguments: all.indices)
    func aLatchLetsPassOnceItIsOpenAndNotBefore(kind: Int) {
        let latch = Self.all[kind]().makeLatch()
        #expect(!latch.waits(for: .milliseconds(1)))
        latch.open()
        latch.open()
        #expect(latch.waits(for: .milliseconds(1)))
        #expect(latch.waits(for: nil))
    }

    @Test(arguments: all.indices)
    func timeGoesOnWhileAThreadSleeps(kind: Int) {
        let surroundings = Self.all[kind]()
        let begin = surroundings.now
        surroundings.sleep(for: .milliseconds(20))
        #expect(begin.duration(to: surroundings.now) >= .milliseconds(20))
    }

    @Test(arguments: all.indices)
    func numbersDoNotComeTwice(kind: Int) {
        let surroundings = Self.all[kind]()
        let numbers = (0..<1000).map { _ in surroundings.unguessableNumber() }
        #expect(Set(numbers).count == numbers.count)
    }

    @Test(arguments: all.indices)
    func workIsDoneBesideAndWaitedFor(kind: Int) throws {
        let work = BackgroundWork("a test", in: Self.all[kind]()) { 42 }
        #expect(try work.wait().get() == 42)
        #expect(work.isDone)
        let failing = BackgroundWork<Int>("a test", in: Self.all[kind]()) { throw FileError("read", "/x", .ioError) }
        #expect(throws: FileError.self) { try failing.wait().get() }
    }

    @Test func pollsLookAsOftenAsTheyWouldInThatTime() {
        let surroundings = VirtualSurroundings()
        let looks = Looks()
        var poll: BackgroundPoll? = BackgroundPoll("a test", every: .seconds(60), in: surroundings) {
            looks.times.withLock { $0.append(surroundings.elapsed) }
        }
        surroundings.sleep(for: .seconds(150))
        #expect(looks.times.withLock { $0 } == [.zero, .seconds(60), .seconds(120)])
        poll = nil
        surroundings.sleep(for: .seconds(1000))
        #expect(looks.times.withLock { $0.count } == 3)
        withExtendedLifetime(poll) {}
    }

    @Test func threadsTakeTurnsInTheSameOrderEachTime() {
        func order() -> [Int] {
            let surroundings = VirtualSurroundings()
            let seen = Seen()
            for thread in 0..<5 {
                _ = surroundings.startThread("\(thread)") {
                    for round in 1...4 {
                        seen.all.withLock { $0.append(thread) }
                        surroundings.sleep(for: .milliseconds((thread * 7 + round * 3) % 10))
                    }
                }
            }
            surroundings.sleep(for: .seconds(1))
            return seen.all.withLock { $0 }
        }
        let first = order()
        #expect(first.count == 20)
        for _ in 0..<10 { #expect(order() == first) }
    }

    @Test func whatNeverComesTrueIsWaitedForSoLongOnly() {
        let surroundings = VirtualSurroundings()
        #expect(!surroundings.waits(for: .seconds(3)) { false })
        #expect(surroundings.elapsed >= .seconds(3) && surroundings.elapsed < .seconds(4))
        #expect(surroundings.waits(for: .seconds(3)) { surroundings.elapsed > .seconds(5) })
    }

    @Test func theDateCanBeSetAndTheClockGoesOn() {
        let surroundings = VirtualSurroundings()
        let (date, now) = (surroundings.date, surroundings.now)
        surroundings.shiftDate(by: -3600)
        surroundings.sleep(for: .seconds(10))
        #expect(surroundings.date.timeIntervalSince(date) == -3590)
        #expect(now.duration(to: surroundings.now) == .seconds(10))
    }
}

private final class Looks: Sendable {
    let times = Mutex<[Duration]>([])
}

private final class Seen: Sendable {
    let all = Mutex<[Int]>([])
}
