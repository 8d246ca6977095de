import Glibc

// All scores at once, in double precision.
extension Reference {
    /// See ``causalAttention(_:into:logSumExp:geometry:dropout:pool:)``.
    public static func causalAttention(
        _ qkv: Span<Float>, into output: inout MutableSpan<Float>, logSumExp: inout MutableSpan<Float>,
        geometry: AttentionGeometry, dropout: AttentionDropout? = nil
    ) {
        for index in 0..<geometry.batch * geometry.heads {
            let head = ReferenceHead(index, qkv, geometry: geometry, dropout: dropout)
            for query in 0..<geometry.length {
                logSumExp[index * geometry.length + query] = Float(head.logarithms[query])
                for j in 0..<geometry.size {
                    let sum = (0...query).reduce(0.0) { sum, key in
                        sum + head.kept(query, key) * Double(qkv[head.place(key, part: 2) + j])
                    }
                    output[head.outputPlace(query) + j] = Float(sum)
                }
            }
        }
    }

    /// See ``causalAttentionGradient(_:qkv:output:logSumExp:into:geometry:dropout:pool:)``; needs neither the output nor
    /// the logarithms.
    public static func causalAttentionGradient(
        _ outputGradient: Span<Float>, qkv: Span<Float>, into qkvGradient: inout MutableSpan<Float>,
        geometry: AttentionGeometry, dropout: AttentionDropout? = nil
    ) {
        var sums = [Double](repeating: 0, count: geometry.projectionCount)
        for index in 0..<geometry.batch * geometry.heads {
            let head = ReferenceHead(index, qkv, geometry: geometry, dropout: dropout)
            for query in 0..<geometry.length {
                let g = (0..<geometry.size).map { Double(outputGradient[head.outputPlace(query) + $0]) }
                // The gradient of each probability, and the mean that the softmax takes off.
                let d = (0...query).map { key in
                    g.indices.reduce(0.0) { $0 + g[$1] * Double(qkv[head.place(key, part: 2) + $1]) }
                        * head.factors[query][key]
                }
                let mean = (0...query).reduce(0.0) { $0 + head.probabilities[query][$1] * d[$1] }
                for key in 0...query {
                    let slope = head.probabilities[query][key] * (d[key] - mean) * head.scale
                    for j in g.indices {
                        let (q, k) = (head.place(query, part: 0) + j, head.place(key, part: 1) + j)
                        sums[q] += slope * Double(qkv[k])
                        sums[k] += slope * Double(qkv[q])
                        sums[head.place(key, part: 2) + j] += head.kept(query, key) * g[j]
                    }
                }
            }
        }
        for i in sums.indices { qkvGradient[i] = Float(sums[i]) }
    }
}

/// One head of one sequence: its probabilities, and the factors of the dropout on them.
private struct ReferenceHead {
    let index: Int
    let geometry: AttentionGeometry
    var probabilities: [[Double]] = []
    var logarithms: [Double] = []
    var factors: [[Double]] = []
    var scale: Double { 1 / Double(geometry.size).squareRoot() }

    init(_ index: Int, _ qkv: Span<Float>, geometry: AttentionGeometry, dropout: AttentionDropout?) {
        (self.index, self.geometry) = (index, geometry)
        let mask = dropout?.mask(
            sequence: index / geometry.heads, head: index % geometry.heads, length: geometry.length)
        for query in 0..<geometry.length {
            var scores = [Double]()
            for key in 0...query {
                let (q, k) = (place(query, part: 0), place(key, part: 1))
                scores.append(
                    (0..<geometry.size).reduce(0.0) { $0 + Double(qkv[q + $1]) * Double(qkv[k + $1]) } * scale)
            }
            let logarithm = log(scores.reduce(0) { $0 + exp($1) })
            logarithms.append(logarithm)
            probabilities.append(scores.map { exp($0 - logarithm) })
            factors.append(
                (0...query).map { key in
                    guard let dropout, let mask else { return 1 }
                    let isKept = Reference.keeps(row: query, column: key, rate: dropout.rate, mask: mask)
                    return isKept ? 1 / (1 - Double(dropout.rate)) : 0
                })
        }
    }

    /// The probability after the dropout.
    func kept(_ query: Int, _ key: Int) -> Double { probabilities[query][key] * factors[query][key] }

    /// Where a token's q, k or v (part 0, 1 or 2) begins.
    func place(_ token: Int, part: Int) -> Int {
        let row = index / geometry.heads * geometry.length + token
        return row * 3 * geometry.width + (index % geometry.heads * 3 + part) * geometry.size
    }

    func outputPlace(_ token: Int) -> Int {
        (index / geometry.heads * geometry.length + token) * geometry.width + index % geometry.heads * geometry.size
    }
}
