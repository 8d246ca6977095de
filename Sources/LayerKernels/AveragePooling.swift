public import Kernels

/// Takes the mean of each window. The channels are spread over the pool. MindSpore: `AvgPool`, `AdaptiveAvgPool2D`.
public func averagePool2D(
    _ input: Span<Float>, into output: inout MutableSpan<Float>, geometry: AveragePoolingGeometry, pool: ThreadPool
) {
    require(input.count, of: "the input", is: geometry.inputCount)
    require(output.count, of: "the output", is: geometry.outputCount)
    unsafe input.withAddress { input in
        unsafe output.withAddress { output in
            let work = unsafe AveragePooling(geometry: geometry, source: input, target: output, pool: pool)
            unsafe pool.forEachChunk(of: geometry.planes, grain: geometry.inputPlane, with: work) { work, planes in
                unsafe work.run(planes)
            }
        }
    }
}

/// Passes a gradient back through ``averagePool2D(_:into:geometry:pool:)``: to every place of a window its share.
public func averagePool2DGradient(
    _ outputGradient: Span<Float>, into inputGradient: inout MutableSpan<Float>, geometry: AveragePoolingGeometry,
    pool: ThreadPool
) {
    require(outputGradient.count, of: "the output's gradient", is: geometry.outputCount)
    require(inputGradient.count, of: "the input's gradient", is: geometry.inputCount)
    unsafe outputGradient.withAddress { gradient in
        unsafe inputGradient.withAddress { result in
            let work = unsafe AveragePooling(geometry: geometry, source: gradient, target: result, pool: pool)
            unsafe pool.forEachChunk(of: geometry.planes, grain: geometry.inputPlane, with: work) { work, planes in
                unsafe work.runGradient(planes)
            }
        }
    }
}

/// The loops of average pooling. A window is summed row by row into one row, vectors at a time, and that along itself.
@unsafe private struct AveragePooling {
    let geometry: AveragePoolingGeometry
    let source: UnsafePointer<Float>
    let target: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    func run(_ planes: Range<Int>) {
        unsafe pool.withScratch(geometry.width.input) { scratch in
            unsafe scratch.withAddress { sums in
                for plane in planes {
                    for row in unsafe 0..<geometry.height.output { unsafe average(plane, row, sums) }
                }
            }
        }
    }

    private func average(_ plane: Int, _ row: Int, _ sums: UnsafeMutablePointer<Float>) {
        let width = unsafe geometry.width
        let input = unsafe source + plane * geometry.inputPlane
        let output = unsafe target + (plane * geometry.outputPlane + row * width.output)
        let rows = unsafe geometry.height.places(of: row)
        let rowDivisor = unsafe geometry.height.divisor(of: row)
        forEachLanes(of: width.input) { column, count in
            var total = Lanes.zero
            for row in rows { total += unsafe Lanes(at: input + (row &* width.input &+ column), width: count) }
            unsafe total.store(to: sums + column, width: count)
        }
        for column in 0..<width.output {
            let places = width.places(of: column)
            let total = unsafe sum(at: sums + places.lowerBound, count: places.count)
            unsafe output[column] = total / Float(rowDivisor * width.divisor(of: column))
        }
    }

    func runGradient(_ planes: Range<Int>) {
        unsafe pool.withScratch(geometry.width.input) { scratch in
            unsafe scratch.withAddress { shares in
                for plane in planes {
                    unsafe (target + plane * geometry.inputPlane).update(repeating: 0, count: geometry.inputPlane)
                    for row in unsafe 0..<geometry.height.output { unsafe spread(plane, row, shares) }
                }
            }
        }
    }

    private func spread(_ plane: Int, _ row: Int, _ shares: UnsafeMutablePointer<Float>) {
        let width = unsafe geometry.width
        let gradient = unsafe source + (plane * geometry.outputPlane + row * width.output)
        let result = unsafe target + plane * geometry.inputPlane
        let rowDivisor = unsafe geometry.height.divisor(of: row)
        unsafe shares.update(repeating: 0, count: width.input)
        for column in 0..<width.output {
            let share = unsafe gradient[column] / Float(rowDivisor * width.divisor(of: column))
            for place in width.places(of: column) { unsafe shares[place] += share }
        }
        for row in unsafe geometry.height.places(of: row) {
            forEachLanes(of: width.input) { column, count in
                let place = unsafe result + (row &* width.input &+ column)
                unsafe (Lanes(at: place, width: count) + Lanes(at: shares + column, width: count))
                    .store(to: place, width: count)
            }
        }
    }
}
