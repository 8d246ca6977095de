import Kernels

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
