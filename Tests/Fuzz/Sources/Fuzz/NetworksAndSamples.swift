import Checkpoints
import Datasets
import Files
import MindIR
import SystemPackage
import Tensors

/// A network whose parameters lie beside it, or in it: no file outside its folder is opened.
func readMindIR(_ bytes: [UInt8]) throws {
    let path: FilePath = "/run/x.mindir"
    let reader = try MindIRReader(path) { other in
        require(other.lexicallyNormalized().starts(with: "/run"), "\(other) is opened")
        return StrictFile(other == path ? bytes : [1] + [UInt8](repeating: 7, count: 4095), other)
    }
    for parameter in reader.parameters {
        require(parameter.type.byteCount <= max(bytes.count, 4096), "\(parameter.name) is larger than its file")
        _ = try reader.tensor(parameter.name)
    }
    _ = reader.inputs.map(\.description) + reader.outputs.map(\.description)
}

func readIDX(_ bytes: [UInt8]) throws {
    let file = try IDXFile(bytes, path: "x")
    require(try file.elements.count == file.shape.elementCount, "elements are missing")
}

/// Decompressed in one piece and in parts it is the same.
func readGzip(_ bytes: [UInt8]) throws {
    // Who reads in parts has looked at the first bytes.
    guard Gzip.recognizes(bytes) else { throw GzipError.notGzip }
    let limit = 1 << 20
    var parts: [UInt8] = []
    let whole = Result { try Gzip.inflate(bytes, limit: limit) }
    let pieces = Result {
        try Gzip.inflate(StrictFile(bytes, "x.gz")) { piece in
            guard piece.count <= limit - parts.count else { throw GzipError.tooLarge(limit: limit) }
            parts += piece
        }
    }
    switch (whole, pieces) {
    case (.success(let bytes), .success): require(bytes == parts, "parts differ")
    case (.failure(let a), .failure(let b)): require("\(a)" == "\(b)", "one says \(a), the other \(b)")
    default: require(false, "one takes it, the other does not")
    }
    _ = try whole.get()
}
