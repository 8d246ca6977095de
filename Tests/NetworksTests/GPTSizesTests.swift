import Models
import Networks
import Testing

@Suite struct GPTSizesTests {
    @Test(arguments: [
        ("1m", 1e6), ("3m", 3e6), ("10m", 10e6), ("25m", 25e6), ("85m", 85e6), ("124m", 124e6),
    ])
    func presetHasAboutAsManyParametersAsItsNameSays(name: String, count: Double) throws {
        let sizes = try #require(GPTSizes.presets.first { $0.name == name }?.sizes)
        let (width, layers) = (Double(sizes.width), Double(sizes.layers))
        // Matrices and biases of a block, its two norms; then tables, and the last norm.
        let block = 12 * width * width + 13 * width
        let parameters = layers * block + (Double(sizes.vocabulary) + Double(sizes.length) + 2) * width
        #expect(abs(parameters / count - 1) < 0.1, "\(parameters)")
        #expect(sizes.problem(over: 2) == nil || sizes.heads % 2 != 0)
    }

    @Test(arguments: [
        (GPTSizes(layers: 2, width: 30, heads: 4), 1, "width is 30; it must be a multiple of 4, the number of heads"),
        (GPTSizes(layers: 2, width: 32, heads: 4), 3, "heads is 4; it must be a multiple of 3, the size of axis tp"),
        (
            GPTSizes(layers: 2, width: 48, heads: 6), 3,
            "vocabulary is 256; it must be a multiple of 3, the size of axis tp"
        ),
        (GPTSizes(layers: 0, width: 32, heads: 4), 1, "layers is 0; it must be at least 1"),
        (GPTSizes(layers: 1, width: 32, heads: 4, dropout: 1), 1, "dropout is 1.0; it must be from 0 to below 1"),
    ])
    func sizesThatCannotBeSharedAreRefusedInOneSentence(sizes: GPTSizes, parts: Int, sentence: String) {
        #expect(sizes.problem(over: parts) == sentence)
    }
}
