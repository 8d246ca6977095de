public import Files
import SystemPackage
import Wire

extension StrategyFile {
    /// The most bytes of a strategy file that are read: room for about a million parameters.
    static let byteLimit = 128 << 20

    /// Reads a strategy file: JSON if its name says so, else protobuf.
    ///
    /// Throws ``FormatError`` if the file cannot be read or is damaged, and ``ShardingError/strategy(path:problem:)``
    /// if it is whole but no strategy.
    public init(contentsOf file: any ReadableFile) throws {
        guard file.byteCount <= Self.byteLimit else {
            throw ShardingError.strategy(
                path: file.path, problem: "it has \(file.byteCount) bytes, and \(Self.byteLimit) are allowed")
        }
        if file.path.extension == "json" {
            try self.init(json: FormatScanner(file).bytes(in: 0..<file.byteCount), path: file.path)
        } else {
            self.init()
            var decoder = StrategyDecoder(scanner: FormatScanner(file))
            try decoder.read(into: &self, 0..<file.byteCount)
        }
    }
}

/// Reads the messages of a strategy file; numbers packed or not, unknown fields passed over.
private struct StrategyDecoder {
    var scanner: FormatScanner

    mutating func read(into file: inout StrategyFile, _ range: Range<Int>) throws(FormatError) {
        var offset = range.lowerBound
        while let field = try scanner.next(&offset, end: range.upperBound) {
            switch field.number {
            case 1: file.currentStage = try integer(field)
            case 2:
                let (name, contents) = try named(field)
                file.operators.append(try operatorStrategy(name, contents))
            case 3:
                let (name, contents) = try named(field)
                file.items.append(try item(name, contents))
            default: continue
            }
        }
    }

    /// A message of a name and another message.
    private mutating func named(_ field: WireField) throws(FormatError) -> (String, Range<Int>) {
        let range = try scanner.range(of: field)
        var offset = range.lowerBound
        var name: String?
        var contents = range.upperBound..<range.upperBound
        while let inner = try scanner.next(&offset, end: range.upperBound) {
            switch inner.number {
            case 1:
                let place = try scanner.range(of: inner)
                guard place.count <= CkptReader.nameLimit else {
                    throw scanner.damage(place.lowerBound, .nameTooLong(byteCount: place.count))
                }
                name = String(validating: try scanner.bytes(in: place), as: UTF8.self)
                guard name != nil else { throw scanner.damage(place.lowerBound, .nameNotUnicode) }
            case 2: contents = try scanner.range(of: inner)
            default: continue
            }
        }
        guard let name else { throw scanner.damage(field.offset, .nameMissing) }
        return (name, contents)
    }

    private mutating func operatorStrategy(
        _ name: String, _ range: Range<Int>
    ) throws(FormatError) -> StrategyFile.Operator {
        var result = StrategyFile.Operator(name: name, stage: 0, strategy: [])
        var offset = range.lowerBound
        while let field = try scanner.next(&offset, end: range.upperBound) {
            switch field.number {
            case 1: result.stage = try integer(field)
            case 2: result.strategy.append(try dimensions(field))
            default: continue
            }
        }
        return result
    }

    private mutating func item(_ name: String, _ range: Range<Int>) throws(FormatError) -> StrategyFile.Item {
        var item = StrategyFile.Item(parameter: name, deviceMatrix: [], tensorMap: [])
        var maps: [[Int]] = []
        var offset = range.lowerBound
        while let field = try scanner.next(&offset, end: range.upperBound) {
            switch field.number {
            case 1: item.deviceMatrix += try dimensions(field)
            case 2: maps.append(try dimensions(field))
            case 3: item.splitShapes.append(try dimensions(field))
            case 4: item.indexOffsets.append(try dimensions(field))
            case 5: item.field = try integer(field)
            case 6: item.optimizerShardStep = try integer(field)
            case 7: item.optimizerShardSize = try integer(field)
            default: continue
            }
        }
        // MindSpore writes each once, empty, to say that there are none.
        if item.splitShapes == [[]] { item.splitShapes = [] }
        if item.indexOffsets == [[]] { item.indexOffsets = [] }
        item.tensorMap = maps.count == 1 ? maps[0].map { [$0] } : maps.filter { !$0.isEmpty }
        return item
    }

    private mutating func dimensions(_ field: WireField) throws(FormatError) -> [Int] {
        let range = try scanner.range(of: field)
        var offset = range.lowerBound
        var values: [Int] = []
        while let inner = try scanner.next(&offset, end: range.upperBound) {
            guard inner.number == 1 else { continue }
            values += try scanner.allBits(of: inner).map(Self.signed)
        }
        return values
    }

    private func integer(_ field: WireField) throws(FormatError) -> Int {
        Self.signed(try scanner.bits(of: field))
    }

    /// Negative numbers take ten bytes, or five from some writers.
    private static func signed(_ value: UInt64) -> Int {
        value > UInt64(UInt32.max) ? Int(truncatingIfNeeded: value) : Int(Int32(truncatingIfNeeded: value))
    }
}
