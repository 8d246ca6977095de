import Datasets
import Files
import Pictures
import SystemPackage
import Tensors

/// A table of two fields, with or without a line of names; the first byte says which.
func readCSV(_ bytes: [UInt8]) throws {
    let hasHeader = bytes.first.map { $0 % 2 == 1 } ?? false
    let columns: [TableColumn] =
        hasHeader
        ? [.numbers("x", from: ["x"], missing: 0), .classes("k")]
        : [.numbers("x", from: ["1"], missing: 0), .text("t", from: "2", length: 4, cutsLonger: true)]
    let data = try CSVDataset.read(Array(bytes.dropFirst()), path: "x.csv", columns: columns, header: hasHeader)
    try useAll(data)
    let classes = data.classes["k"]?.count ?? 256
    require(
        try data.samples(Array(0..<data.count))[1].elements(of: Int32.self).allSatisfy { 0..<Int32(classes) ~= $0 },
        "a class is none of \(classes)")
}

func readJSONLines(_ bytes: [UInt8]) throws {
    let columns: [TableColumn] = [
        .numbers("x", from: ["x"], missing: 0), .sequence("ids", length: 3, cutsLonger: true),
        .length("n", ofField: "ids", limit: 3), .classes("k"),
    ]
    let data = try JSONLinesDataset.read(bytes, path: "x.jsonl", columns: columns)
    try useAll(data)
    require(
        try data.samples(Array(0..<data.count))[2].elements(of: Int32.self).allSatisfy { 0...3 ~= $0 },
        "a length is wrong")
}

func readNumPyArray(_ bytes: [UInt8]) throws {
    let array = try NumPyArray(bytes, path: "x.npy")
    require(array.shape.elementCount <= bytes.count, "\(bytes.count) bytes hold \(array.shape)")
    let tensor = try array.tensor
    guard array.shape.rank > 0, 1...1000 ~= array.shape[0] else { return }
    let rows = try NumPyDataset([("x", array)]).samples(Array(0..<array.shape[0]))[0]
    require(rows.type == tensor.type, "rows are \(rows.type), all \(tensor.type)")
    let (one, other) = (rows.bytes, tensor.bytes)
    require((0..<one.count).allSatisfy { one.span[$0] == other.span[$0] }, "rows differ from all")
}

func readNumPyArchive(_ bytes: [UInt8]) throws {
    let archive = try NumPyArchive(bytes, path: "x.npz")
    for name in archive.names { _ = try archive.array(name).tensor }
}

func readCIFAR10(_ bytes: [UInt8]) throws { try useAll(CIFAR10(bytes, path: "x.bin")) }

func readPicture(_ bytes: [UInt8]) throws {
    let picture = try Picture(decoding: bytes, pixelLimit: 1 << 18)
    require(picture.pixels.count == 3 * picture.width * picture.height, "pixels are missing")
    require(picture.grey.count == picture.width * picture.height, "grey pixels are missing")
}

/// What is taken can be copied, each sample by itself as all at once.
private func useAll(_ data: any Dataset) throws {
    require(data.count > 0, "a dataset without samples")
    let all = try data.samples(Array(0..<data.count))
    let last = try data.samples([data.count - 1])
    for (column, one) in zip(all, last) {
        let size = one.bytes.count
        let end = column.bytes[column.bytes.count - size..<column.bytes.count]
        require((0..<size).allSatisfy { end.span[$0] == one.bytes.span[$0] }, "a sample changes")
    }
}
