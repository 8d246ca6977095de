/// One matrix product: op(A) [m, k] times op(B) [k, n].
struct ProductShape: Hashable {
    let m: Int
    let n: Int
    let k: Int

    /// Whether A is stored as [k, m].
    var transposeA = false

    /// Whether B is stored as [n, k].
    var transposeB = false

    /// As in "[1024×256]·[256×768]ᵀ", with matrices as they are stored.
    var description: String {
        let a = transposeA ? "[\(k)×\(m)]ᵀ" : "[\(m)×\(k)]"
        let b = transposeB ? "[\(n)×\(k)]ᵀ" : "[\(k)×\(n)]"
        return a + "·" + b
    }

    /// Floating-point operations.
    var operations: Double { 2 * Double(m) * Double(n) * Double(k) }
}

extension ProductShape {
    /// A square product in all four forms.
    static func square(_ size: Int) -> [ProductShape] {
        [(false, false), (true, false), (false, true), (true, true)].map { transposeA, transposeB in
            ProductShape(m: size, n: size, k: size, transposeA: transposeA, transposeB: transposeB)
        }
    }

    /// The products of a dense layer's step on `rows` rows: forward, the gradient of its input, that of its weight.
    static func dense(rows: Int, _ inputs: Int, _ outputs: Int) -> [ProductShape] {
        [
            ProductShape(m: rows, n: outputs, k: inputs, transposeB: true),
            ProductShape(m: rows, n: inputs, k: outputs),
            ProductShape(m: outputs, n: inputs, k: rows, transposeA: true),
        ]
    }

    /// Those of the GPT of `bench gpt`: 8 samples of 128 tokens, width 256; of one head's attention, and of its head.
    static let gpt =
        [(256, 768), (256, 256), (256, 1024), (1024, 256)].flatMap { dense(rows: 1024, $0, $1) } + [
            ProductShape(m: 128, n: 128, k: 64, transposeB: true),
            ProductShape(m: 128, n: 64, k: 128),
            ProductShape(m: 128, n: 64, k: 128, transposeA: true),
        ]

    /// Those of LeNet-5's dense layers on 32 images.
    static let lenet = [(400, 120), (120, 84), (84, 10)].flatMap { dense(rows: 32, $0, $1) }
}
