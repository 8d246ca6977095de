public import Kernels

/// Moves averages by a share of the way towards values: `average += share · (value − average)`.
public func moveAverage(
    _ average: inout MutableSpan<Float>, towards values: Span<Float>, share: Float, pool: ThreadPool
) {
    require(values.count, of: "the values", is: average.count)
    let count = average.count
    unsafe average.withAddress { average in
        unsafe values.withAddress { values in
            unsafe pool.forEachChunk(of: count, with: (average, values, share)) { work, chunk in
                let (average, values) = unsafe (work.0 + chunk.lowerBound, work.1 + chunk.lowerBound)
                forEachLanes(of: chunk.count) { i, width in
                    let kept = unsafe Lanes(at: average + i, width: width)
                    unsafe (kept + work.2 * (Lanes(at: values + i, width: width) - kept))
                        .store(to: average + i, width: width)
                }
            }
        }
    }
}

/// Replaces each lane of a parameter and of its state by what `update` makes of them, spread over the threads; `update` captures
/// nothing.
@inline(__always)
func updateElements<Rule>(
    _ parameter: inout MutableSpan<Float>, _ state: inout MutableSpan<Float>, _ gradient: Span<Float>, _ rule: Rule,
    _ pool: ThreadPool, kernel: StaticString = #function,
    _ update: @escaping (Rule, inout Lanes, inout Lanes, Lanes) -> Void
) {
    let count = parameter.count
    require(state.count, of: "the state", is: count, in: kernel)
    require(gradient.count, of: "the gradient", is: count, in: kernel)
    unsafe withTargets(&parameter, &state) { p, s in
        unsafe gradient.withAddress { g in
            unsafe pool.forEachChunk(of: count, with: (p, s, g, rule)) { work, chunk in
                for i in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Lanes.scalarCount) {
                    let width = min(Lanes.scalarCount, chunk.upperBound - i)
                    var p = unsafe Lanes(at: work.0 + i, width: width)
                    var s = unsafe Lanes(at: work.1 + i, width: width)
                    unsafe update(work.3, &p, &s, Lanes(at: work.2 + i, width: width))
                    unsafe p.store(to: work.0 + i, width: width)
                    unsafe s.store(to: work.1 + i, width: width)
                }
            }
        }
    }
}

/// The same with two arrays of state.
@inline(__always)
func updateElements<Rule>(
    _ parameter: inout MutableSpan<Float>, _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>,
    _ gradient: Span<Float>, _ rule: Rule, _ pool: ThreadPool, kernel: StaticString = #function,
    _ update: @escaping (Rule, inout Lanes, inout Lanes, inout Lanes, Lanes) -> Void
) {
    let count = parameter.count
    require(first.count, of: "the first state", is: count, in: kernel)
    require(second.count, of: "the second state", is: count, in: kernel)
    require(gradient.count, of: "the gradient", is: count, in: kernel)
    unsafe withTargets(&parameter, &first, &second) { p, s, t in
        unsafe gradient.withAddress { g in
            unsafe pool.forEachChunk(of: count, with: (p, s, t, g, rule)) { work, chunk in
                for i in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Lanes.scalarCount) {
                    let width = min(Lanes.scalarCount, chunk.upperBound - i)
                    var p = unsafe Lanes(at: work.0 + i, width: width)
                    var s = unsafe Lanes(at: work.1 + i, width: width)
                    var t = unsafe Lanes(at: work.2 + i, width: width)
                    unsafe update(work.4, &p, &s, &t, Lanes(at: work.3 + i, width: width))
                    unsafe p.store(to: work.0 + i, width: width)
                    unsafe s.store(to: work.1 + i, width: width)
                    unsafe t.store(to: work.2 + i, width: width)
                }
            }
        }
    }
}
