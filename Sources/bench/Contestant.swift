import Terminal

/// One way to do what a table compares.
struct Contestant {
    let name: String

    /// The name of the contestant it is compared with.
    let rival: String

    /// Does it once; nil if it is not installed.
    let run: (() throws -> Effort)?
}

/// What doing something once took.
struct Effort {
    let seconds: Double

    /// How much more memory the process held at the peak than before, less what was delivered.
    let extraByteCount: Int
}

extension Effort {
    /// Measures `body`, which hands over `delivered` bytes of new memory. Freeing them is not part of the time.
    static func measure<Result>(delivered: Int = 0, _ body: () throws -> Result) throws -> Effort {
        try ProcessMemory.forgetPeak()
        let before = ProcessMemory.current
        let start = ContinuousClock.now
        let result = try body()
        let duration = ContinuousClock.now - start
        let peak = ProcessMemory.peak
        withExtendedLifetime(result) {}
        return Effort(seconds: duration / .seconds(1), extraByteCount: max(0, peak - before - delivered))
    }
}

extension Table {
    /// Lets contestants that each move `byteCount` bytes run in turns.
    init(_ head: String, of contestants: [Contestant], byteCount: Int, rounds: Int) throws {
        self.init(head, "GB/s", "ratio", "to", "extra MiB")
        let present = contestants.compactMap { contestant in
            contestant.run.map { (name: contestant.name, run: $0) }
        }
        var extra = [Int](repeating: 0, count: present.count)
        let runs = present.enumerated().map { index, contestant in
            {
                let effort = try contestant.run()
                extra[index] = max(extra[index], effort.extraByteCount)
                return effort.seconds
            }
        }
        let measurement = try Measurement.inTurns(rounds: rounds, timing: runs)
        for contestant in contestants {
            guard let index = present.firstIndex(where: { $0.name == contestant.name }),
                let rival = present.firstIndex(where: { $0.name == contestant.rival })
            else {
                add(contestant.name, "not installed", "", contestant.rival, "")
                continue
            }
            add(
                contestant.name, (Double(byteCount) / 1e9 / measurement.medianSeconds(index)).rounded(digits: 2),
                measurement.medianSpeed(of: index, relativeTo: rival).rounded(digits: 2), contestant.rival,
                (Double(extra[index]) / 1_048_576).rounded(digits: 0))
        }
    }
}
