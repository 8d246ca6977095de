import Collectives
import FoundationEssentials

/// What a rank has read of a file that another one verifies.
struct FileReading: Codable, Hashable {
    /// The rank that saved the file.
    let saver: Int

    let reading: VerifyingFile.Reading

    /// The lowest of the ranks that have read this.
    var rank = 0

    /// What a rank tells rank 0: what it has read, and whose files it verifies.
    private struct Account: Codable {
        let readings: [FileReading]
        let verified: Set<Int>
    }

    /// What other ranks have read of the files that this rank verifies; what several have read alike is there once. All ranks of
    /// `world` together, each giving what it has read.
    ///
    /// Throws on all ranks if it throws on one.
    static func exchanged(
        _ own: [Int: VerifyingFile.Reading], verifying savers: Set<Int>, over world: any Communicator
    ) throws -> [FileReading] {
        let readings = own.map { FileReading(saver: $0, reading: $1, rank: world.rank) }
        let account = try JSONEncoder().encode(Account(readings: readings, verified: savers))
        let all = try world.gather(Array(account), to: 0)
        let parts = try world.together { () throws -> [[UInt8]] in
            let accounts = try all.map { try JSONDecoder().decode(Account.self, from: Data($0)) }
            let distinct = Dictionary(grouping: distinct(accounts.flatMap(\.readings)), by: \.saver)
            return try accounts.map { account in
                Array(try JSONEncoder().encode(account.verified.sorted().flatMap { distinct[$0] ?? [] }))
            }
        }
        let bytes = try world.scatter(parts, from: 0)
        return try world.together { try JSONDecoder().decode([FileReading].self, from: Data(bytes)) }
    }

    /// Of readings that are the same, the first.
    private static func distinct(_ readings: [FileReading]) -> [FileReading] {
        var seen: Set<FileReading> = []
        return readings.filter { seen.insert(FileReading(saver: $0.saver, reading: $0.reading)).inserted }
    }
}
