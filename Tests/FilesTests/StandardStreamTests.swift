import Files
import Foundation
import SystemPackage
import Testing

/// What is printed goes through one door, which no state of the stream behind it breaks.
struct StandardStreamTests {
    @Test func fullDiskAndClosedStreamAreErrorsInWords() throws {
        let full = try FileDescriptor.open(FilePath("/dev/full"), .writeOnly)
        defer { try? full.close() }
        #expect(try failure(of: full)?.description == "cannot write to a stream: No space left on device")
        let closed = try FileDescriptor.open(FilePath("/dev/null"), .readOnly)
        defer { try? closed.close() }
        #expect(try failure(of: closed)?.errno == .badFileDescriptor)
    }

    @Test func pipeWithoutAReaderIsAnErrorAndNoDeath() throws {
        let pipe = try FileDescriptor.pipe()
        try pipe.readEnd.close()
        defer { try? pipe.writeEnd.close() }
        #expect(try failure(of: pipe.writeEnd)?.errno == .brokenPipe)
    }

    /// A supervisor that reads its end of a pipe without waiting makes the writer's end so too.
    @Test(arguments: [false, true])
    func slowReaderGetsEverything(isNonBlocking: Bool) throws {
        let pipe = try FileDescriptor.pipe()
        if isNonBlocking { _ = fcntl(pipe.writeEnd.rawValue, F_SETFL, O_NONBLOCK) }
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let writer = try #require(
            SystemThread {
                try? StandardStream.write(bytes, to: pipe.writeEnd, "a stream", patience: -1)
                try? pipe.writeEnd.close()
            })
        let read = FileHandle(fileDescriptor: pipe.readEnd.rawValue, closeOnDealloc: true).readDataToEndOfFile()
        writer.join()
        #expect([UInt8](read) == bytes)
    }

    @Test func readerThatTakesNothingIsNotWaitedForForEver() throws {
        let pipe = try FileDescriptor.pipe()
        defer {
            try? pipe.readEnd.close()
            try? pipe.writeEnd.close()
        }
        let error = #expect(throws: FileError.self) {
            try StandardStream.write(
                Array(repeating: 32, count: 1 << 20), to: pipe.writeEnd, "a stream", patience: 1)
        }
        #expect(error?.errno == .timedOut)
    }

    /// A trap or an unchecked write would come back with the first line that somebody prints in another way.
    @Test func nothingIsPrintedPastTheDoor() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        let forbidden = /FileHandle\.standard(?:Output|Error)\.write|^\s*print\(|\bfputs\(|(?:[{;]|return) print\(/
        for case let file as URL in files where file.pathExtension == "swift" {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            for line in lines where !line.contains("///") {
                #expect(!line.contains(forbidden), "\(file.lastPathComponent): \(line)")
            }
        }
    }

    private func failure(of descriptor: FileDescriptor) throws -> FileError? {
        #expect(throws: FileError.self) {
            try StandardStream.write([1], to: descriptor, "a stream", patience: -1)
        }
    }
}
