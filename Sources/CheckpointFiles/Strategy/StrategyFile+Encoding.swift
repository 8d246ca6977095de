import Wire

/// Written by hand over the wire helpers of `.ckpt`: a generated message would leave out the empty fields that MindSpore demands.
extension StrategyFile {
    /// The file as protobuf, byte for byte as MindSpore writes it.
    public var protobuf: [UInt8] {
        var file = WireEncoder()
        file.field(1, currentStage)
        for entry in operators {
            var strategy = WireEncoder()
            strategy.field(1, entry.stage)
            for parts in entry.strategy { strategy.field(2, Self.dimensions(parts)) }
            file.field(2, Self.named(entry.name, strategy))
        }
        for item in items { file.field(3, Self.named(item.parameter, Self.layouts(item))) }
        return file.bytes
    }

    private static func named(_ name: String, _ contents: WireEncoder) -> [UInt8] {
        var message = WireEncoder()
        message.field(1, Array(name.utf8))
        message.field(2, contents.bytes)
        return message.bytes
    }

    private static func layouts(_ item: Item) -> WireEncoder {
        var layouts = WireEncoder()
        layouts.field(1, dimensions(item.deviceMatrix))
        for entry in tensorMapEntries(item.tensorMap) { layouts.field(2, dimensions(entry)) }
        // Both stand there once, empty: MindSpore cannot load a file without the first.
        for shape in item.splitShapes.isEmpty ? [[]] : item.splitShapes { layouts.field(3, dimensions(shape)) }
        for offset in item.indexOffsets.isEmpty ? [[]] : item.indexOffsets { layouts.field(4, dimensions(offset)) }
        layouts.field(5, item.field)
        layouts.field(6, item.optimizerShardStep)
        layouts.field(7, item.optimizerShardSize)
        return layouts
    }

    /// One entry with a number a dimension; or, if a dimension is split by several axes, an entry a dimension. A lone one
    /// is followed by an empty entry, which tells it from the first form.
    private static func tensorMapEntries(_ map: [[Int]]) -> [[Int]] {
        if map.allSatisfy({ $0.count == 1 }) { return [map.flatMap(\.self)] }
        return map.count == 1 ? map + [[]] : map
    }

    private static func dimensions(_ values: [Int]) -> [UInt8] {
        var message = WireEncoder()
        for value in values { message.field(1, value) }
        return message.bytes
    }
}
