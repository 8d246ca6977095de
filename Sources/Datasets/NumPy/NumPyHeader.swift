import Files
import SystemPackage
import Tensors

/// The beginning of a `.npy` file: magic number, version, and a text that says what follows.
struct NumPyHeader {
    let element: NumPyElement
    let shape: Shape
    let isFortranOrder: Bool

    /// How many bytes it has.
    let byteCount: Int

    private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    /// The longest text that is read; NumPy writes some 100 bytes.
    private static let textLimit = 1 << 16

    /// Reads what stands at the beginning of `file`, believing nothing.
    init(_ file: FileSlice, _ path: FilePath) throws {
        let start = try file[0..<min(file.count, 12)].contents()
        guard start.starts(with: Self.magic) else {
            throw DataError.badFile(path, "is no NumPy file: it does not begin with 93 'NUMPY'")
        }
        guard start.count == 12 else {
            throw DataError.badFile(path, "is cut off: it has \(start.count) bytes, and the smallest header has more")
        }
        guard 1...3 ~= start[6] else {
            throw DataError.badFile(path, "is a NumPy file of version \(start[6]); 1 to 3 are allowed")
        }
        let isShort = start[6] == 1
        let textStart = isShort ? 10 : 12
        let length = start[8..<textStart].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.textLimit, textStart + length <= file.count else {
            throw DataError.badFile(
                path,
                "has a header of \(length) bytes at byte \(textStart); \(min(Self.textLimit, file.count - textStart)) are allowed"
            )
        }
        let bytes = try file[textStart..<textStart + length].contents()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DataError.badFile(path, "has a header at byte \(textStart) that is no text")
        }
        byteCount = textStart + length
        (element, shape, isFortranOrder) = try Self.parse(text, path)
        let (end, overflow) = shape.elementCount.multipliedReportingOverflow(by: element.byteCount)
        guard !overflow, file.count - byteCount == end else {
            let problem = !overflow && file.count - byteCount > end ? "is too long" : "is cut off"
            throw DataError.badFile(
                path,
                "\(problem): with elements \(shape) of \(element.byteCount) bytes it has \(end) behind its header, not "
                    + "\(file.count - byteCount)")
        }
    }

    /// Reads a Python dictionary with the three keys that NumPy writes, in any order.
    private static func parse(_ text: String, _ path: FilePath) throws -> (NumPyElement, Shape, Bool) {
        guard text.contains(/^\s*\{.*\}\s*$/),
            let order = text.firstMatch(of: /['"]fortran_order['"]\s*:\s*(True|False)/),
            let sizes = text.firstMatch(of: /['"]shape['"]\s*:\s*\(([0-9,\s]*)\)/),
            let kind = text.firstMatch(of: /['"]descr['"]\s*:\s*(['"]([^'"]*)['"]|\[)/)
        else {
            throw DataError.badFile(
                path, "has a header that names no descr, fortran_order and shape: '\(String(text.prefix(80)).visible)'")
        }
        guard let name = kind.2, let element = NumPyElement(name) else {
            let name = kind.2.map { "'\(String($0.prefix(20)).visible)'" } ?? "a record"
            throw DataError.badFile(path, "has elements of type \(name); \(NumPyElement.allowed)")
        }
        let dimensions = sizes.1.split { !$0.isNumber }.map { OutsideNumber($0)?.value }
        guard let known = dimensions as? [Int], OutsideNumber.product(known.map { max($0, 1) }) != nil else {
            throw DataError.badFile(
                path, "claims elements (\(String(sizes.1.prefix(80)).visible)); no file has so many")
        }
        return (element, Shape(known), order.1 == "True")
    }
}
