import DiskSimulation
import Files
import RandomTestKit
import SystemPackage
import Testing

/// A disk beside a slow model that knows every state in which a power failure may leave its names.
struct DiskModelTests {
    /// A change of names: what is at each place after it, and whether it is durable.
    private struct Change {
        let places: [String: UInt8?]
        var isDurable = false
    }

    private struct Model {
        var changes: [Change] = []

        func names(of kept: [Bool]) -> [String: UInt8] {
            var names: [String: UInt8] = [:]
            for (change, isKept) in zip(changes, kept) where isKept {
                for (place, content) in change.places { names[place] = content }
            }
            return names
        }

        var visible: [String: UInt8] { names(of: changes.map { _ in true }) }
        var durable: [String: UInt8] { names(of: changes.map(\.isDurable)) }

        mutating func synchronize(_ folder: String) {
            for index in changes.indices where changes[index].places.keys.contains(where: { $0.hasPrefix(folder) }) {
                changes[index].isDurable = true
            }
            // What is durable stands on what came before it at the same places.
            for later in changes.indices.reversed() where changes[later].isDurable {
                for earlier in 0..<later where shares(earlier, later) { changes[earlier].isDurable = true }
            }
        }

        private func shares(_ one: Int, _ other: Int) -> Bool {
            changes[one].places.keys.contains { changes[other].places[$0] != nil }
        }

        /// All that may be there after a power failure.
        var possible: Set<[String: UInt8]> {
            let open = changes.indices.filter { !changes[$0].isDurable }
            return Set(
                (0..<1 << open.count).compactMap { choice in
                    var kept = changes.map(\.isDurable)
                    for (bit, index) in open.enumerated() { kept[index] = choice >> bit & 1 == 1 }
                    let isPossible = kept.indices.allSatisfy { later in
                        !kept[later] || (0..<later).allSatisfy { kept[$0] || !shares($0, later) }
                    }
                    return isPossible ? names(of: kept) : nil
                })
        }
    }

    private static let places = ["/a/x", "/a/y", "/b/x", "/b/y"]

    /// Does at random what a file system can, to a disk and to the model.
    private func live(_ chance: inout Chance, on files: any FileSystem) throws -> Model {
        var model = Model()
        for folder in ["/a", "/b"] { try files.createDirectory(FilePath(folder)) }
        try files.synchronizeDirectory("/")
        for content in 1...UInt8(14) {
            let place = chance.one(of: Self.places) ?? ""
            switch chance.number(below: 6) {
            case 0, 1:
                if model.visible[place] != nil { model.changes.append(Change(places: [place: nil])) }
                let file = try files.create(FilePath(place))
                try file.write([content].span)
                try file.synchronize()
                try file.close()
                model.changes.append(Change(places: [place: content]))
            case 2, 3:
                let target = chance.one(of: Self.places) ?? ""
                guard let moved = model.visible[place], target != place else { continue }
                try files.rename(FilePath(place), to: FilePath(target))
                model.changes.append(Change(places: [place: nil, target: moved]))
            case 4:
                try files.remove(FilePath(place))
                if model.visible[place] != nil { model.changes.append(Change(places: [place: nil])) }
            default:
                let folder = chance.happens(onceIn: 2) ? "/a" : "/b"
                try files.synchronizeDirectory(FilePath(folder))
                model.synchronize(folder)
            }
        }
        return model
    }

    private func names(on files: any FileSystem) throws -> [String: UInt8] {
        var names: [String: UInt8] = [:]
        for place in Self.places where try files.status(of: FilePath(place)) != nil {
            names[place] = try files.contents(of: FilePath(place), limit: 1).first
        }
        return names
    }

    @Test func namesAfterAPowerFailureAreAmongThosePossible() throws {
        var found = 0
        var all = 0
        for seed in 0..<UInt64(150) {
            var chance = Chance(seed: seed)
            let disk = SimulatedDisk(seed % 2 == 0 ? .shared : .host(0), seed: seed)
            let model = try live(&chance, on: disk.files(host: 0, process: 1))
            let place = Comment(rawValue: "seed \(seed)")
            #expect(try names(on: disk.snapshot()) == model.visible, place)
            #expect(try names(on: disk.durableSnapshot()) == model.durable, place)
            let possible = model.possible
            var seen: Set<[String: UInt8]> = []
            for failure in 0..<UInt64(60) {
                let names = try names(on: disk.snapshotAfterPowerFailure(seed: failure))
                #expect(possible.contains(names), "\(place), failure \(failure): \(names)")
                seen.insert(names)
            }
            found += seen.count
            all += possible.count
            disk.powerFails()
            let survivors = try names(on: disk.files(host: 0, process: 2))
            #expect(possible.contains(survivors), place)
            #expect(try names(on: disk.durableSnapshot()) == survivors, place)
        }
        // A disk that is too kind would pass all of the above.
        #expect(all > 600 && found > all / 2, "\(found) of \(all) states were met")
    }

    @Test func bytesAfterAPowerFailureAreThoseWrittenOrZeros() throws {
        var kinds: Set<String> = []
        for seed in 0..<UInt64(300) {
            var chance = Chance(seed: seed)
            let disk = SimulatedDisk(.host(0), seed: seed)
            let files = disk.files(host: 0, process: 1)
            let file = try files.create("/a")
            try files.synchronizeDirectory("/")
            let stable = chance.number(below: 2000)
            let bytes = (0..<stable + 1 + chance.number(below: 4000)).map { UInt8($0 % 250 + 1) }
            try file.write(bytes.span.extracting(0..<stable))
            try file.synchronize()
            try file.write(bytes.span.extracting(stable..<bytes.count))
            disk.powerFails()
            let after = try disk.files(host: 0, process: 2).contents(of: "/a", limit: 1 << 20)
            #expect(after.prefix(stable) == bytes.prefix(stable), "seed \(seed)")
            #expect(after.count <= bytes.count)
            for (index, byte) in after.enumerated() where byte != bytes[index] {
                #expect(byte == 0, "seed \(seed), byte \(index)")
                // A block is lost whole, as far as it was not synchronized.
                let block = max(index / 512 * 512, stable)..<min(index / 512 * 512 + 512, after.count)
                #expect(after[block].allSatisfy { $0 == 0 }, "seed \(seed), bytes \(block)")
            }
            kinds.insert(
                after == bytes ? "whole" : after.contains(0) ? "holes" : after.count == stable ? "lost" : "torn")
            if after.count < bytes.count, after.count > stable { #expect(after.count % 512 == 0, "seed \(seed)") }
        }
        #expect(kinds == ["whole", "holes", "lost", "torn"])
    }

    @Test func aFileMayLoseItsNameWithItsFolder() throws {
        var outcomes: Set<String> = []
        for seed in 0..<UInt64(64) {
            let disk = SimulatedDisk(seed: seed)
            let files = disk.files(host: 0, process: 1)
            try files.replaceContents(of: "/old", with: [1])
            try files.createDirectory("/new/deep")
            // Moved into a folder that is not durable: it is at one of the two places, whatever else is lost.
            try files.rename("/old", to: "/new/deep/old")
            disk.powerFails()
            let survivors = disk.files(host: 0, process: 2)
            let isOld = try survivors.status(of: "/old") != nil
            let isNew = try survivors.status(of: "/new/deep/old") != nil
            #expect(isOld != isNew, "seed \(seed)")
            outcomes.insert("\(isOld) \(try survivors.status(of: "/new") != nil)")
        }
        #expect(outcomes == ["true false", "true true", "false true"])
        let disk = SimulatedDisk(seed: 1)
        let files = disk.files(host: 0, process: 1)
        try files.replaceContents(of: "/old", with: [1])
        try files.createDirectory("/new")
        try files.rename("/old", to: "/new/old")
        try files.synchronizeDirectory("/new")
        #expect(try disk.durableSnapshot().contents(of: "/new/old", limit: 1) == [1])
        #expect(try disk.durableSnapshot().status(of: "/old") == nil)
    }

    @Test func namesInAFolderThatIsNotDurableAreLostWithIt() throws {
        let disk = SimulatedDisk(seed: 1)
        let files = disk.files(host: 0, process: 1)
        try files.createDirectory("/a")
        try files.replaceContents(of: "/a/b", with: [1])
        #expect(try disk.durableSnapshot().status(of: "/a/b") == nil)
        try files.synchronizeDirectory("/")
        #expect(try disk.durableSnapshot().contents(of: "/a/b", limit: 1) == [1])
    }
}
