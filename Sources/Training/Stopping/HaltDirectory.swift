public import Files
import Foundation
public import SystemPackage

/// The halt requests of a run: one file each in the folder `halt` of its directory.
public struct HaltDirectory: Sendable {
    /// The folder. It need not exist.
    public let path: FilePath

    private let files: any FileSystem
    private static let suffix = ".json"

    /// Names the requests of the run in a directory, without touching it.
    public init(ofRun directory: FilePath, files: any FileSystem = LocalFileSystem()) {
        path = directory.appending("halt")
        self.files = files
    }

    /// Lays down a request: whole or not at all.
    public func submit(_ request: HaltRequest) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(request) else { fatalError("a request is always JSON") }
        try files.createDirectory(path)
        try files.replace(path.appending(request.id + Self.suffix), with: Array(data))
    }

    /// Takes a request back; one that is gone is no error.
    public func withdraw(_ id: String) throws(FileError) {
        try files.remove(path.appending(id + Self.suffix))
    }

    /// The ids of all requests, in order; none if the folder is not there.
    public func ids() throws(FileError) -> [String] {
        do {
            return try files.names(in: path).filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
                .map { String($0.dropLast(Self.suffix.count)) }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw error
        }
    }

    /// The request of an id.
    ///
    /// - Throws: `FileError`; `DecodingError` if the file is no request.
    public func request(_ id: String) throws -> HaltRequest { try Self.request(id, in: contents(of: id)) }

    /// The file of an id.
    func contents(of id: String) throws(FileError) -> [UInt8] {
        try files.contents(of: path.appending(id + Self.suffix), limit: 1 << 16)
    }

    /// Reads the file of an id, which is the request's, whatever id stands in it: by it the request is taken back.
    static func request(_ id: String, in bytes: [UInt8]) throws -> HaltRequest {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(HaltRequest.self, from: Data(bytes)).named(id)
    }
}

extension FileSystem {
    /// Gives a small file new contents in one step, so that a reader sees the old or the new ones.
    ///
    /// They are not synchronized: after a power failure the file may be empty.
    func replace(_ path: FilePath, with bytes: [UInt8]) throws(FileError) {
        let name = path.lastComponent?.string ?? ""
        let temporary = path.removingLastComponent().appending(".\(name).\(ThisProcess.identifier).tmp")
        do {
            let file = try create(temporary)
            try file.write(bytes.span)
            try file.close()
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
    }
}
