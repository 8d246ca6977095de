public import Files
import Foundation
import Records
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
        self.files = files.within(directory)
    }

    /// Leaves a request there: whole or not at all.
    ///
    /// - Throws: `FileError`, also if its id cannot be the name of a file.
    public func submit(_ request: HaltRequest) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(request) else { fatalError("a request is always JSON") }
        guard let id = FileName(request.id) else {
            throw FileError("write a request in", path, reason: "\"\(request.id)\" cannot be the name of a file")
        }
        try files.createDirectory(path)
        try files.replaceContents(of: file(of: id), with: Array(data), isDurable: false)
    }

    /// Takes a request back; one that is gone is no error.
    public func withdraw(_ id: FileName) throws(FileError) { try files.remove(file(of: id)) }

    /// The ids of all requests, in order: the names of their files, whatever is in these. None if the folder is not there.
    public func ids() throws(FileError) -> [FileName] {
        do {
            return try files.names(in: path).compactMap { name in
                FileName(name)?.stem(before: Self.suffix).flatMap { $0.isHidden ? nil : $0 }
            }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw error
        }
    }

    /// The request of an id.
    ///
    /// - Throws: `FileError`; `DecodingError` if the file is no request.
    public func request(_ id: FileName) throws -> HaltRequest { try Self.request(id, in: contents(of: id)) }

    /// The file of an id.
    func contents(of id: FileName) throws(FileError) -> [UInt8] {
        try files.contents(of: file(of: id), limit: 1 << 16)
    }

    /// Reads the file of an id. The request gets that id, whatever the file says, for it is withdrawn by it.
    static func request(_ id: FileName, in bytes: [UInt8]) throws -> HaltRequest {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .recordedTime
        return try decoder.decode(HaltRequest.self, from: Data(bytes)).named(id.text)
    }

    private func file(of id: FileName) -> FilePath { path.appending(id, suffix: Self.suffix) }
}
