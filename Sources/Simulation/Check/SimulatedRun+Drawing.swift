import DiskSimulation
import RandomTestKit
import SystemPackage

extension SimulatedRun {
    /// The scenario of a seed.
    ///
    /// - Parameter ranks: The most ranks; a power of two.
    public static func draw(seed: UInt64, ranks most: Int) -> SimulatedRun {
        var chance = Chance(seed: seed)
        let sizes = (0...16).map { 1 << $0 }.filter { $0 <= most }
        let launches = 1 + chance.number(below: 3)
        var scenario = SimulatedRun(
            seed: chance.seed(), ranks: (0..<launches).map { _ in chance.one(of: sizes.suffix(4)) ?? 1 })
        scenario.ranksPerHost = chance.one(of: [1, 2, 4]) ?? 2
        scenario.epochs = 1 + chance.number(below: 3)
        scenario.stepsPerEpoch = 2 + chance.number(below: 4)
        scenario.saveEvery = chance.one(of: [nil, 1, 2, 3]) ?? nil
        scenario.keep = 1 + chance.number(below: 3)
        scenario.hasKey = chance.happens(onceIn: 4)
        scenario.hasWatchdog = chance.happens(onceIn: 4)
        if chance.happens(onceIn: 2) {
            scenario.clocks = (0..<8).map { _ in
                chance.happens(onceIn: 2) ? 0 : chance.number(in: -7200...7200).rounded()
            }
        }
        scenario.drawMishaps(&chance, launches: launches)
        scenario.drawMore(seed: seed)
        return scenario
    }

    private mutating func drawMishaps(_ chance: inout Chance, launches: Int) {
        // None at all is a scenario too.
        for _ in 0..<chance.number(below: 5) {
            let launch = chance.number(below: launches)
            let moment = chance.number(in: 0...1)
            mishaps.append(Mishap(launch: launch, moment: moment, kind: kind(&chance, in: launch)))
        }
        if chance.happens(onceIn: 6) {
            deadlines = (0..<launches).map { _ in chance.happens(onceIn: 2) ? chance.number(in: 0...5) : nil }
        }
        if launches > 1, chance.happens(onceIn: 5) { launchesBack = [1 + chance.number(below: launches - 1)] }
        guard chance.happens(onceIn: 4) else { return }
        let hosts = (ranks.max() ?? 1) / ranksPerHost + 1
        diskFaults = DiskFaults(hosts: hosts, operations: 400, effects: Self.diskEffects)
            .draw(1 + chance.number(below: 3), from: &chance)
    }

    /// By chances of its own: what earlier versions drew from a seed stays what it was.
    private mutating func drawMore(seed: UInt64) {
        var chance = Chance(seed: seed ^ 0xFA11)
        let launch = chance.number(below: ranks.count)
        let rank = chance.number(below: ranks[launch])
        let moment = chance.number(in: 0...1)
        switch chance.number(below: 12) {
        case 0: mishaps.append(Mishap(launch: launch, moment: moment, kind: .failure(rank: rank)))
        case 1: mishaps.append(Mishap(launch: launch, moment: moment, kind: .overlap))
        default: break
        }
        drawKinds(seed: seed)
    }

    /// By chances of its own, again.
    private mutating func drawKinds(seed: UInt64) {
        var chance = Chance(seed: seed ^ 0x7E4A)
        saving = chance.happens(onceIn: 2) ? .whole : chance.one(of: Saving.allCases) ?? .whole
        if chance.happens(onceIn: 3) { tensorParts = chance.one(of: [2, 4]) ?? 1 }
        for launch in ranks.indices where ranks[launch] % 4 == 0 && chance.happens(onceIn: 4) {
            ranks[launch] -= ranks[launch] / 4
        }
        if chance.happens(onceIn: 8) { keepEvery = 2 + chance.number(below: 3) }
        if chance.happens(onceIn: 6) { operationTime = chance.one(of: [.milliseconds(1), .milliseconds(5)]) ?? .zero }
        drawWayBack(&chance)
        // Nothing else goes wrong where it is the deadline that is tried: it would be excused.
        guard !drawDeadline(seed: seed) else { return }
        drawWorld(seed: seed)
        guard chance.happens(onceIn: 12) else { return }
        let hosts = (ranks.max() ?? 1) / ranksPerHost + 1
        let effects = lastingEffects + (hasWatchdog ? [.stalls] : [])
        diskFaults += DiskFaults(hosts: hosts, operations: 400, effects: effects).draw(1, from: &chance)
    }

    /// A launch that ends early with several sets behind it, and one that goes back behind some of them.
    private mutating func drawWayBack(_ chance: inout Chance) {
        guard ranks.count > 1, chance.happens(onceIn: 8) else { return }
        (saveEvery, launchesBack) = (1, [1])
        (epochs, stepsPerEpoch) = (2 + chance.number(below: 2), 4 + chance.number(below: 3))
        let moment = chance.number(in: 0.3...0.7)
        mishaps.append(Mishap(launch: 0, moment: moment, kind: .signal(rank: 0)))
    }

    /// By chances of its own, where nothing has befallen the run so far: a launch that has saved, slowly, and is to end some
    /// steps later. Seeds that come to this drew other sizes in versions before it. Returns whether one does.
    private mutating func drawDeadline(seed: UInt64) -> Bool {
        var chance = Chance(seed: seed ^ 0xDEAD)
        guard mishaps.isEmpty, diskFaults.isEmpty, chance.happens(onceIn: 3) else { return false }
        if saving == .inBackground { saving = .whole }
        (epochs, stepsPerEpoch, saveEvery) = (3, 4 + chance.number(below: 3), 4 + chance.number(below: 2))
        operationTime = .milliseconds(5)
        deadlines = [chance.number(in: 1...12)]
        return true
    }

    /// By chances of its own: what the world does besides.
    private mutating func drawWorld(seed: UInt64) {
        var chance = Chance(seed: seed ^ 0x301D)
        if chance.happens(onceIn: 4) { drifts = (0..<8).map { _ in chance.number(in: -0.1...0.1) } }
        hasLeftovers = chance.happens(onceIn: 8)
        let launch = chance.number(below: ranks.count)
        let rank = chance.number(below: ranks[launch])
        let moment = chance.number(in: 0...1)
        let seconds = chance.number(in: 0.05...5)
        func add(_ kind: Mishap.Kind) { mishaps.append(Mishap(launch: launch, moment: moment, kind: kind)) }
        switch chance.number(below: 16) {
        case 0: add(.call(rank: rank))
        case 1: add(.notice(seconds: seconds))
        case 2:
            // Host 0 begins one half, and one of the others the other.
            let last = host(of: ranks[launch] - 1)
            if last > 0 { add(.split(host: 1 + chance.number(below: last), seconds: seconds)) }
        case 3: add(.slowRank(rank))
        case 4: if hasWatchdog { add(.stall(rank: rank)) }
        case 5:
            // Twice, thrice, by one way or by several.
            for _ in 0..<2 + chance.number(below: 2) {
                let ways: [Mishap.Kind] = [.signal(rank: rank), .halt(.now), .configFile, .call(rank: rank)]
                add(chance.one(of: ways) ?? .halt(.now))
            }
        default: break
        }
    }

    /// What goes on until somebody mends the disk, before the next launch.
    private var lastingEffects: [DiskFault.Effect] {
        // Each second in which hundreds of ranks wait takes the check a part of one.
        let seconds = (ranks.max() ?? 1) > 64 ? 40 : 400
        return [
            .readOnly, .noRoom(.noSpace, forOperations: nil), .otherBytes(isLasting: true), .slow(.seconds(seconds)),
        ]
    }

    private func kind(_ chance: inout Chance, in launch: Int) -> Mishap.Kind {
        let ranks = ranks(ofLaunch: launch)
        let rank = chance.number(below: ranks)
        let host = host(of: rank)
        let seconds = chance.number(in: 0.01...10)
        switch chance.number(below: 20) {
        case 0, 1, 2: return .kill(rank: rank)
        case 3: return .loseHost(host)
        case 4: return .loseLauncher
        case 5, 6: return .powerFailure
        case 7, 8, 9: return .signal(rank: rank)
        case 10: return .endedByLauncher(grace: chance.number(in: 0.05...5))
        case 11, 12, 13: return .halt(haltMoment(&chance))
        case 14: return .withdrawal
        case 15: return .configFile
        case 16: return .pause(rank: rank, seconds: seconds)
        case 17: return .slowNetwork(seconds: seconds / 20)
        case 18: return .cut(host: host, seconds: seconds)
        default: return .shiftClock(host: host, seconds: chance.number(in: -7200...7200).rounded())
        }
    }

    /// What a disk does that goes on afterwards.
    private static let diskEffects: [DiskFault.Effect] = [
        .fails(.ioError), .fails(.noSpace), .fails(.staleNFSFileHandle), .noRoom(.noSpace, forOperations: 3),
        .noRoom(.diskQuotaExceeded, forOperations: 1), .shortWrite(.noSpace), .shortWrite(.ioError),
        .succeedsUnheard(.ioError), .otherBytes(isLasting: false), .slow(.milliseconds(300)), .slow(.seconds(20)),
        .dropsBytes, .kills,
    ]

    private func haltMoment(_ chance: inout Chance) -> Mishap.HaltMoment {
        switch chance.number(below: 6) {
        case 0: .afterStep(1 + chance.number(below: steps))
        case 1: .afterCheckpoints(1 + chance.number(below: 3))
        case 2: .inSeconds(chance.number(in: 0...3))
        default: .now
        }
    }
}
