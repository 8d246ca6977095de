import Datasets
import Files
import Foundation
import Memory
import MindSporeTestKit
import SystemPackage
import Tensors
import Testing

/// Arrays that real NumPy writes, and bytes that it does not.
struct NumPyTests {
    /// A `.npy` file with this text in its header.
    private func file(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
        let text = Array(header.utf8)
        let length = [UInt8(text.count & 255), UInt8(text.count >> 8)] + (version == 1 ? [] : [0, 0])
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + elements
    }

    private func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
        "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (\(shape)), }\n"
    }

    private func complaint(_ bytes: [UInt8]) -> String? {
        do {
            _ = try NumPyArray(bytes, path: "a.npy").tensor
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [UInt8(1), 2, 3])
    func versionsAreRead(version: UInt8) throws {
        let array = try NumPyArray(
            file(header("<i2", "2, 2"), [1, 0, 255, 255, 3, 0, 0, 128], version: version), path: "a.npy")
        #expect(array.shape == [2, 2] && array.elementType == .int32)
        #expect(try array.tensor.elements(of: Int32.self) == [1, -1, 3, -32768])
    }

    @Test func bytesOfEitherOrderAreRead() throws {
        let big = try NumPyArray(file(header(">f4", "1,"), [0x40, 0x49, 0x0F, 0xDB]), path: "a.npy")
        let little = try NumPyArray(file(header("<f4", "1,"), [0xDB, 0x0F, 0x49, 0x40]), path: "a.npy")
        let pi = [Float(bitPattern: 0x4049_0FDB)]
        #expect(try big.tensor.elements(of: Float.self) == pi)
        #expect(try little.tensor.elements(of: Float.self) == pi)
    }

    @Test func fortransOrderIsPutInRows() throws {
        let elements: [UInt8] = [0, 1, 2, 3, 4, 5]
        let array = try NumPyArray(file(header("|u1", "2, 3", fortran: true), elements), path: "a.npy")
        #expect(try array.tensor.elements(of: Int32.self) == [0, 2, 4, 1, 3, 5])
        let cube = try NumPyArray(file(header("|u1", "1, 2, 3", fortran: true), elements), path: "a.npy")
        #expect(try cube.tensor.elements(of: Int32.self) == [0, 2, 4, 1, 3, 5])
    }

    @Test func anotherTypeIsAskedFor() throws {
        let array = try NumPyArray(file(header("|u1", "3,"), [0, 128, 255]), path: "a.npy")
        #expect(try array.converted(to: .float32).tensor.elements(of: Float.self) == [0, 128, 255])
        #expect(throws: DataError.self) { try array.converted(to: .int64) }
    }

    @Test func whatIsNoArrayIsRefused() {
        let refused: [([UInt8], String)] = [
            (Array("%PDF".utf8), "a.npy is no NumPy file: it does not begin with 93 'NUMPY'"),
            (
                file(header("<f4", "1,"), [0, 0, 0, 0], version: 4),
                "a.npy is a NumPy file of version 4; 1 to 3 are allowed"
            ),
            (
                file(header("<f4", "2,"), [0, 0, 0, 0]),
                "a.npy is cut off: with elements [2] of 4 bytes it has 8 behind its header, not 4"
            ),
            (
                file(header("<f4", ""), [0, 0, 0, 0, 0]),
                "a.npy is too long: with elements [] of 4 bytes it has 4 behind its header, not 5"
            ),
            (
                file(header("<c8", "1,"), []),
                "a.npy has elements of type '<c8'; bool, i1 to i8, u1 to u8, f2, f4 and f8 are allowed"
            ),
            (
                file(header("|O", "1,"), []),
                "a.npy has elements of type '|O'; bool, i1 to i8, u1 to u8, f2, f4 and f8 are allowed"
            ),
            (
                file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", []),
                "a.npy has elements of type a record; bool, i1 to i8, u1 to u8, f2, f4 and f8 are allowed"
            ),
            (
                file(header("|u1", "9007199254740992, 9007199254740992, 0"), []),
                "a.npy claims elements (9007199254740992, 9007199254740992, 0); no file has so many"
            ),
            (file("{}", []), "a.npy has a header that names no descr, fortran_order and shape: '{}'"),
            (
                file(header("<i8", "2,"), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
                "a.npy has 4294967296.0 as element 1, which is no int32"
            ),
            (
                file(header("<f8", "1,"), [0, 0, 0, 0, 0, 0, 0xE0, 0x7F]),
                "a.npy has 8.98846567431158e+307 as element 0, which is no float32"
            ),
        ]
        for (bytes, sentence) in refused { #expect(complaint(bytes) == sentence) }
        for count in 0..<20 { #expect(complaint(Array(file(header("|u1", "1,"), [1]).prefix(count))) != nil) }
    }

    @Test func differentCountsAreRefusedNamingBoth() throws {
        let (a, b) = (
            try NumPyArray(file(header("|u1", "2,"), [1, 2]), path: "a.npy"),
            try NumPyArray(file(header("|u1", "3,"), [1, 2, 3]), path: "b.npy")
        )
        #expect(throws: DataError.mismatch("b.npy has 3 samples for 'y' but a.npy has 2 for 'x'")) {
            try NumPyDataset([("x", a), ("y", b)])
        }
    }

    @Test(.enabled(if: hasMindSpore)) func whatNumPyWritesIsRead() throws {
        let folder = try DataFolder()
        #expect(try MindSporeScript("numpy_files.py").run([folder.path.string]) == nil)
        let url = URL(filePath: folder.path.appending("expected.json").string)
        let cases = try JSONDecoder().decode([NumPyCase].self, from: Data(contentsOf: url))
        #expect(cases.count > 40)
        for entry in cases {
            let path = folder.path.appending(entry.file)
            let array =
                try entry.name.map { try NumPyArchive(contentsOf: path).array($0) } ?? NumPyArray(contentsOf: path)
            #expect(array.shape.dimensions == entry.shape, "\(entry)")
            let tensor = try array.tensor
            let found =
                tensor.elementType == .float32
                ? tensor.elements(of: Float.self).map(Double.init) : tensor.elements(of: Int32.self).map(Double.init)
            #expect(found == entry.values, "\(entry)")
            let dataset = try NumPyDataset([("x", array)])
            let row = try dataset.samples([entry.shape[0] - 1])[0]
            #expect(row.bytes.span.count * entry.shape[0] == tensor.bytes.span.count)
            let last = tensor.bytes[tensor.bytes.count - row.bytes.count..<tensor.bytes.count]
            #expect(row.bytes.span.indices.allSatisfy { row.bytes.span[$0] == last.span[$0] }, "\(entry)")
        }
        let archive = try NumPyArchive(contentsOf: folder.path.appending("packed.npz"))
        let error = #expect(throws: DataError.self) { try archive.array("z") }
        #expect("\(error, default: "")".contains("has no array 'z'; its arrays are 'a'"))
        try damageIsFound(folder.path.appending("packed.npz"))
    }

    /// A changed byte of a packed array is found, wherever it is; none makes the reader read beyond the file.
    private func damageIsFound(_ path: FilePath) throws {
        let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
        let whole = try NumPyArchive(bytes, path: "a.npz").array("a").tensor.elements(of: Float.self)
        for place in stride(from: 0, to: bytes.count, by: 3) {
            var damaged = bytes
            damaged[place] ^= 0x41
            guard let array = try? NumPyArchive(damaged, path: "a.npz").array("a"), let tensor = try? array.tensor,
                array.elementType == .float32
            else { continue }
            #expect(tensor.elements(of: Float.self) == whole, "byte \(place)")
        }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: DataError.self) { try NumPyArchive(Array(bytes.prefix(count)), path: "a.npz") }
        }
    }
}

private struct NumPyCase: Decodable {
    let file: String
    let name: String?
    let shape: [Int]
    let values: [Double]
}
