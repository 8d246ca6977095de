import Collectives
import Files
import SystemPackage

/// Opens files of data, which may be larger than memory.
enum DataFile {
    /// What unpacks to no more than this is held in memory by each rank: 48 MiB, which MNIST's images stay below.
    static let memoryLimit = 48 << 20

    /// To how many times its size a file may unpack, if that is more than ``memoryLimit``.
    ///
    /// gzip reaches 1032 where one byte repeats, 4 with texts, 30 with logs and numbers; a file far beyond that was made to fill
    /// a disk.
    static let expansionLimit = 100

    /// Opens a file for reading where its bytes are needed; one that is gzipped is unpacked, all ranks of `world` together.
    ///
    /// Where the first bytes tell how much there must be, `size` reads it from them, so that a small file that expands to more,
    /// or to something else, is refused before it has filled memory or a disk. So is one of any kind that expands to more than
    /// ``expansionLimit`` times its size.
    ///
    /// What is too large for the memory of each rank is unpacked into a file without a name in the directory for temporary
    /// files, by one rank for all on its machine. That takes a second for some hundred megabytes.
    ///
    /// - Throws: `FileError`; ``DataError`` for damaged gzip data and where there is no room for what is in them.
    static func open(
        _ path: FilePath, sharedBy world: any Communicator, files: any FileSystem, memoryLimit: Int = memoryLimit,
        temporary: FilePath = TemporaryFile.directory, size: ExpectedSize? = nil
    ) throws -> FileSlice {
        let (slice, isLarge) = try world.together {
            let file = try files.open(path)
            guard try isGzip(file) else { return (FileSlice(file), false) }
            guard let bytes = try inflated(file, limit: memoryLimit, size) else { return (FileSlice(file), true) }
            return (FileSlice(bytes, path: path), false)
        }
        guard try world.allReduce(isLarge ? 1 : 0 as Int64, with: .maximum) == 1 else { return slice }
        // Only those that see each other's processes can share what one of them opens.
        let places = try world.allGather(Array((isLarge ? ThisProcess.machine : "").utf8))
        let first = places.firstIndex(of: places[world.rank])
        let own = try world.together {
            isLarge && first == world.rank ? try unpacked(slice.file, in: temporary, size) : nil
        }
        let all = try world.allGather(Array((own?.path.string ?? "").utf8))
        let shared = try world.together { () -> FileSlice in
            guard isLarge else { return slice }
            if let own { return FileSlice(try own.open(named: path)) }
            let place = FilePath(String(decoding: all[first ?? 0], as: UTF8.self))
            // Where the system does not let it, a rank unpacks for itself.
            let file = try? TemporaryFile.open(place, named: path)
            return FileSlice(try file ?? unpacked(slice.file, in: temporary, size).open(named: path))
        }
        // Until here the others could open it.
        withExtendedLifetime(own) {}
        return shared
    }

    /// Opens a file as ``open(_:sharedBy:files:memoryLimit:temporary:size:)`` does, and makes something of what is in it: where
    /// that fails on one rank of `world`, all throw.
    static func read<Result>(
        _ path: FilePath, sharedBy world: any Communicator, files: any FileSystem,
        _ body: (FileSlice) throws -> Result
    ) throws -> Result {
        let bytes = try open(path, sharedBy: world, files: files)
        return try world.together { try body(bytes) }
    }

    private static func isGzip(_ file: any ReadableFile) throws(FileError) -> Bool {
        guard file.byteCount >= 2 else { return false }
        var start: [UInt8] = [0, 0]
        var span = start.mutableSpan
        try file.read(into: &span, at: 0)
        return Gzip.recognizes(start)
    }

    /// What is in a gzipped file; nil if that is more than `limit` bytes.
    static func inflated(_ file: any ReadableFile, limit: Int, _ size: ExpectedSize?) throws -> [UInt8]? {
        var result: [UInt8] = []
        var expansion = Expansion(of: file, size)
        do {
            try Gzip.inflate(file) { piece in
                try expansion.take(piece)
                guard piece.count <= limit - result.count else { throw GzipError.tooLarge(limit: limit) }
                result += piece
            }
            return result
        } catch GzipError.tooLarge {
            return nil
        } catch let error as GzipError {
            throw DataError.badFile(file.path, "cannot be decompressed: \(error)")
        }
    }

    private static func unpacked(
        _ file: any ReadableFile, in temporary: FilePath, _ size: ExpectedSize?
    ) throws -> TemporaryFile {
        var expansion = Expansion(of: file, size)
        do {
            let target = try TemporaryFile(in: temporary)
            try Gzip.inflate(file) { piece in
                try expansion.take(piece)
                try target.write(piece)
            }
            return target
        } catch let error as GzipError {
            throw DataError.badFile(file.path, "cannot be decompressed: \(error)")
        } catch let error as FileError where error.path != file.path {
            throw DataError.badFile(
                file.path,
                "cannot be unpacked beyond \(expansion.byteCount) bytes: \(error); let TMPDIR name a directory with more room, or "
                    + "unpack it beforehand")
        }
    }
}

/// How much data there must be, as their first bytes tell.
struct ExpectedSize: Sendable {
    /// So many bytes tell it.
    let startByteCount: Int

    /// The size in bytes. Throws if no data begin like this.
    let of: @Sendable (_ start: [UInt8]) throws -> Int
}

/// Data on their way out of a compressed file.
private struct Expansion {
    private let path: FilePath
    private let packedByteCount: Int
    private let size: ExpectedSize?
    private var start: [UInt8] = []
    private var limit = Int.max

    /// How many have come.
    private(set) var byteCount = 0

    init(of file: any ReadableFile, _ size: ExpectedSize?) {
        path = file.path
        packedByteCount = file.byteCount
        self.size = size
    }

    /// Hears of the next bytes; throws once they are more than there can be.
    mutating func take(_ piece: [UInt8]) throws {
        byteCount += piece.count
        if let size, start.count < size.startByteCount {
            start += piece.prefix(size.startByteCount - start.count)
            if start.count == size.startByteCount { limit = try size.of(start) }
        }
        guard byteCount <= limit else {
            throw DataError.badFile(
                path, "is too long: what it unpacks to has \(limit) bytes by its header, and more come")
        }
        guard byteCount <= DataFile.memoryLimit || byteCount / DataFile.expansionLimit < packedByteCount else {
            throw DataError.badFile(
                path,
                "unpacks to more than \(DataFile.expansionLimit) times its \(packedByteCount) bytes, which no data do; if they are "
                    + "yours, unpack it beforehand")
        }
    }
}
