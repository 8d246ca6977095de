import Datasets
import Testing

struct ImageEnlargerTests {
    @Test(arguments: [1, 8, 28, 31, 32])
    func aConstantImageStaysConstant(size: Int) {
        let enlarger = ImageEnlarger(height: size, width: size, side: 32)
        for pixel: UInt8 in [0, 1, 127, 255] {
            let image = [UInt8](repeating: pixel, count: size * size)
            #expect(enlarger.enlarge(image) == [UInt8](repeating: pixel, count: 32 * 32))
        }
    }

    @Test func aRampStaysARampAndIsClampedAtItsEdges() {
        // Source pixel i is 32·i, so the pixel at position p is 32·p: p begins at -3/8 and grows by 1/4.
        let ramp = (0..<8).map { UInt8(32 * $0) }
        let expected = (0..<32).map { UInt8(min(max(8 * $0 - 12, 0), 224)) }
        let rows = (0..<8).flatMap { _ in ramp }
        #expect(ImageEnlarger(height: 8, width: 8, side: 32).enlarge(rows) == (0..<32).flatMap { _ in expected })
        let columns = ramp.flatMap { [UInt8](repeating: $0, count: 8) }
        #expect(
            ImageEnlarger(height: 8, width: 8, side: 32).enlarge(columns)
                == expected.flatMap { [UInt8](repeating: $0, count: 32) })
    }

    @Test func everyImageOfAStackIsEnlargedByItself() {
        let enlarger = ImageEnlarger(height: 28, width: 20, side: 32)
        let first = (0..<560).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let second = (0..<560).map { UInt8(truncatingIfNeeded: $0 * 91 + 5) }
        #expect(enlarger.enlarge(first + second) == enlarger.enlarge(first) + enlarger.enlarge(second))
    }

    @Test func anImageOfTheRightSizeIsKept() {
        let image = (0..<1024).map { UInt8(truncatingIfNeeded: $0 * 37) }
        #expect(ImageEnlarger(height: 32, width: 32, side: 32).enlarge(image) == image)
    }

    @Test func mnistsSizeMatchesTheFormulaInFloatingPoint() {
        let image = (0..<784).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let enlarged = ImageEnlarger(height: 28, width: 28, side: 32).enlarge(image)
        func neighbours(_ index: Int) -> (low: Int, high: Int, weight: Double) {
            let position = (Double(index) + 0.5) * 28 / 32 - 0.5
            let low = Int(position.rounded(.down))
            return (max(low, 0), min(low + 1, 27), position - Double(low))
        }
        var greatestError = 0.0
        for row in 0..<32 {
            for column in 0..<32 {
                let (y, x) = (neighbours(row), neighbours(column))
                let top =
                    Double(image[y.low * 28 + x.low]) * (1 - x.weight) + Double(image[y.low * 28 + x.high]) * x.weight
                let bottom =
                    Double(image[y.high * 28 + x.low]) * (1 - x.weight) + Double(image[y.high * 28 + x.high]) * x.weight
                let value = top * (1 - y.weight) + bottom * y.weight
                greatestError = max(greatestError, abs(Double(enlarged[row * 32 + column]) - value))
            }
        }
        #expect(greatestError <= 0.5)
    }
}
