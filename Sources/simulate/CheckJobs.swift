import Files
import Foundation
import Simulation
import Synchronization

/// Lets several processes check at once, each a stretch of the seeds at a time: what a stretch leaves in memory goes with its
/// process.
struct CheckJobs {
    private let jobs: Int
    private let mutant: Mutant?
    private let failures: Int
    private static let stretch: UInt64 = 100

    /// So many failures are enough.
    init(_ jobs: Int, mutant: Mutant? = nil, failures: Int = CheckBatch.failureLimit) {
        self.jobs = jobs
        self.failures = failures
        self.mutant = mutant
    }

    func run(_ seeds: SeedRange, ranks: Int) throws -> CheckOutcome {
        let begin = ContinuousClock.now
        let queue = Mutex(SeedQueue(seeds, failures: failures))
        DispatchQueue.concurrentPerform(iterations: jobs) { job in
            while let part = queue.withLock({ $0.take(Self.stretch) }) {
                let result = Result { try check(part, ranks: ranks, job: job) }
                queue.withLock { $0.note(result) }
            }
        }
        let (sum, error) = queue.withLock { ($0.outcome, $0.error) }
        if let error { throw CheckFailure(description: error) }
        var outcome = sum
        outcome.failed.sort()
        outcome.seconds = (ContinuousClock.now - begin) / .seconds(1)
        return outcome
    }

    /// Has a process check some seeds.
    private func check(_ part: SeedRange, ranks: Int, job: Int) throws -> CheckOutcome {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            [
                "check", "--seeds", "\(part.first)...\(part.last)", "--ranks", "\(ranks)", "--failures", "\(failures)",
                "--as-part", "\(job)",
            ]
            + (mutant.map { ["--mutant", "\($0)"] } ?? [])
        let pipe = Pipe()
        process.standardOutput = pipe
        // What the watchdogs of simulated runs say.
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CheckFailure(
                description: "the process that checks seeds \(part.first)...\(part.last) ended with "
                    + "\(process.terminationStatus); with --as-part \(job) it says why")
        }
        return try JSONDecoder().decode(CheckOutcome.self, from: data)
    }
}

/// The seeds that are left, and what came of the others.
private struct SeedQueue {
    private var next: UInt64?
    private let last: UInt64
    private let failures: Int
    private(set) var outcome = CheckOutcome()
    private(set) var error: String?

    init(_ seeds: SeedRange, failures: Int) {
        self.failures = failures
        next = seeds.first
        last = seeds.last
    }

    /// Takes the next stretch; nil if there is none, or enough is known.
    mutating func take(_ count: UInt64) -> SeedRange? {
        guard let first = next, error == nil, outcome.failed.count < failures else { return nil }
        let end = last - first < count ? last : first + count - 1
        next = end == last ? nil : end + 1
        return SeedRange(first: first, last: end)
    }

    mutating func note(_ result: Result<CheckOutcome, any Error>) {
        switch result {
        case .success(let part): outcome.add(part)
        case .failure(let failure): error = error ?? "\(failure)"
        }
    }
}

/// A process that could not check its seeds.
private struct CheckFailure: Error, CustomStringConvertible {
    let description: String
}
