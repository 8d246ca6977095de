import DiskSimulation
import Files
import RandomTestKit
import SystemPackage
import Testing

/// A scenario of a disk is decided by its seed, and can be read and made smaller.
struct DiskScenarioTests {
    /// Everything that a disk holds, as text, of the bytes a checksum.
    private func contents(of files: any FileSystem, in folder: FilePath = "/") throws -> [String] {
        try files.names(in: folder).flatMap { name in
            let path = folder.appending(name)
            guard try files.status(of: path)?.kind == .directory else {
                let bytes = try files.contents(of: path, limit: 1 << 20)
                var sum = Checksum()
                sum.update(bytes.span)
                return ["\(path): \(bytes.count) bytes, \(sum.value)"]
            }
            return ["\(path)/"] + (try contents(of: files, in: path))
        }
    }

    /// What three processes on two hosts do at random under a scenario, power failures and deaths among it; errors stand in
    /// the record.
    private func live(_ scenario: DiskScenario, seed: UInt64) -> [String] {
        var chance = Chance(seed: seed)
        var record: [String] = []
        var open: [any WritableFile] = []
        let disk = scenario.makeDisk(now: { .zero }, delay: { _ in })
        let hosts = scenario.reach == .shared ? [0, 1, 1] : [0, 0, 0]
        for step in 0..<200 {
            let process = chance.number(below: 3)
            let files = disk.files(host: hosts[process], process: process)
            let place = FilePath("/\(chance.number(below: 3))/\(chance.number(below: 3)).ckpt")
            let other = FilePath("/\(chance.number(below: 3))/\(chance.number(below: 3)).pending")
            let bytes = [UInt8](repeating: UInt8(step), count: chance.number(below: 1500))
            do {
                switch chance.number(below: 9) {
                case 0, 1: try files.createDirectory(place.removingLastComponent())
                case 2, 3: try files.replaceContents(of: place, with: bytes, isDurable: chance.happens(onceIn: 2))
                case 4: try files.rename(place, to: other)
                case 5: try files.synchronizeDirectory(place.removingLastComponent())
                case 6: record += try contents(of: files)
                case 7: if chance.happens(onceIn: 4) { disk.dies(process: process) } else { try files.remove(other) }
                default:
                    guard chance.happens(onceIn: 2) else {
                        disk.powerFails(host: hosts[process])
                        continue
                    }
                    let file = try files.create(place)
                    open.append(file)
                    try file.write(bytes.span)
                }
            } catch {
                record.append("\(error)")
            }
        }
        record += (try? contents(of: disk.durableSnapshot())) ?? ["unreadable"]
        disk.powerFails()
        record += (try? contents(of: disk.snapshot())) ?? ["unreadable"]
        return record + disk.strikes.map { "\($0.key): \($0.value)" }.sorted()
    }

    private func scenario(_ seed: UInt64) -> DiskScenario {
        var chance = Chance(seed: seed)
        return .draw(from: &chance, hosts: 1 + Int(seed % 2), operations: 300)
    }

    @Test func theSameSeedComesOutTheSame() {
        var outcomes: Set<[String]> = []
        for seed in 0..<UInt64(60) {
            #expect(scenario(seed) == scenario(seed))
            let outcome = live(scenario(seed), seed: seed)
            #expect(outcome == live(scenario(seed), seed: seed), "\(scenario(seed))")
            outcomes.insert(outcome)
        }
        #expect(outcomes.count == 60)
    }

    @Test func everyFaultIsDrawnAndStrikes() {
        var chance = Chance(seed: 1)
        var struck: Set<DiskStrike.Kind> = []
        for seed in 0..<UInt64(400) {
            let faults = DiskFaults(hosts: 2, operations: 100).draw(6, from: &chance)
            let scenario = DiskScenario(.shared, seed: seed, visibilityDelay: .seconds(5), faults: faults)
            struck.formUnion(kinds(of: live(scenario, seed: seed)))
            guard struck.count < DiskStrike.Kind.allCases.count else { break }
        }
        #expect(struck == Set(DiskStrike.Kind.allCases))
    }

    private func kinds(of record: [String]) -> [DiskStrike.Kind] {
        record.compactMap { line in
            DiskStrike.Kind.allCases.first { line.hasPrefix("\($0.rawValue) in ") }
        }
    }

    @Test func aFaultThatIsLeftOutLeavesTheOthersAsTheyAre() throws {
        let faults = [
            DiskFault(.fails(.ioError), at: .init(2, .create)), DiskFault(.fails(.noSpace), at: .init(4, .create)),
        ]
        for (plan, expected) in [(faults, [2, 4]), ([faults[0]], [2]), ([faults[1]], [4])] {
            let files = SimulatedDisk(seed: 1, faults: plan).files(host: 0, process: 1)
            let failing = (1...6).filter { number in (try? files.create(FilePath("/\(number)"))) == nil }
            #expect(failing == expected)
        }
    }

    @Test func aScenarioIsReadInALineForEachFault() {
        let scenario = DiskScenario(
            .shared, seed: 9, visibilityDelay: .seconds(30),
            faults: [
                DiskFault(.fails(.ioError), at: .init(214, .rename, on: ".manifest.json", host: 1)),
                DiskFault(.noRoom(.noSpace, forOperations: 3), at: .init(7)),
                DiskFault(.dropsBytes, at: .init(1, .synchronize, on: ".ckpt")),
            ])
        #expect(
            "\(scenario)" == """
                shared disk, seed 9, names up to 30.0 seconds late
                  operation 214 (rename … .manifest.json) on host 1: EIO
                  operation 7: ENOSPC for 3 operations
                  operation 1 (synchronize … .ckpt): EIO, the bytes are lost and the next time succeeds
                """)
    }
}
