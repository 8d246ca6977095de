import Foundation
import Kernels
import Testing

@Suite struct ActivationTests {
    typealias Kernel = @Sendable (Span<Float>, inout MutableSpan<Float>) -> Void

    static let functions: [(name: String, kernel: Kernel, reference: Kernel, exact: @Sendable (Double) -> Double)] = [
        ("exp", { exp($0, into: &$1) }, { Reference.exp($0, into: &$1) }, { Foundation.exp($0) }),
        ("log", { log($0, into: &$1) }, { Reference.log($0, into: &$1) }, { Foundation.log($0) }),
        ("tanh", { tanh($0, into: &$1) }, { Reference.tanh($0, into: &$1) }, { Foundation.tanh($0) }),
        (
            "sigmoid", { sigmoid($0, into: &$1) }, { Reference.sigmoid($0, into: &$1) },
            { 1 / (1 + Foundation.exp(-$0)) }
        ),
    ]

    /// The errors that the kernels' documentation promises.
    static let promisedUlp = ["exp": 1.0, "log": 1.0, "tanh": 2.0, "sigmoid": 3.0]

    /// How far `actual` is from the exact value, in the distance of floats there.
    private func error(of actual: Float, exact: Double) -> Double {
        if exact.isNaN { return actual.isNaN ? 0 : .infinity }
        if abs(exact) > Double(Float.greatestFiniteMagnitude) {
            return actual == Float(exact) || actual.magnitude == .greatestFiniteMagnitude ? 0 : .infinity
        }
        let distance = max(Double(Float(exact).ulp), Double(Float.leastNonzeroMagnitude))
        return actual.isFinite ? abs(Double(actual) - exact) / distance : .infinity
    }

    @Test func functionsKeepTheErrorTheyPromiseOverAllFloats() {
        // Every 4093rd bit pattern (a prime): a million floats, subnormal, infinite and NaN ones among them. With
        // LOCKSTEP_EXHAUSTIVE set, all of them, which takes minutes.
        let step = ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] == nil ? 4093 : 1
        let chunk = 1 << 16
        for (name, kernel, _, exact) in Self.functions {
            var worst = (error: 0.0, x: Float(0))
            var x: [Float] = []
            for pattern in stride(from: 0, through: Int(UInt32.max), by: step) {
                x.append(Float(bitPattern: UInt32(pattern)))
                guard x.count == chunk || pattern + step > Int(UInt32.max) else { continue }
                let actual = written(x.count) { kernel(x.span, &$0) }
                for (x, y) in zip(x, actual) {
                    let error = error(of: y, exact: exact(Double(x)))
                    if error > worst.error { worst = (error, x) }
                }
                x.removeAll(keepingCapacity: true)
            }
            #expect(worst.error <= Self.promisedUlp[name] ?? 0, "\(name) is \(worst.error) ulp off at \(worst.x)")
            if step == 1 { print(name, worst) }
        }
    }

    @Test(arguments: awkwardLengths) func functionsMatchTheirReferencesAtEveryLength(count: Int) {
        let x = randomValues(count, in: -20..<20)
        for (name, kernel, reference, _) in Self.functions {
            let actual = written(count) { kernel(x.span, &$0) }
            #expect(largestError(actual, written(count) { reference(x.span, &$0) }) < 3e-7, "\(name)")
        }
    }

    @Test func anElementsResultDoesNotDependOnItsPlace() {
        let x = randomValues(64, in: -5..<5)
        for (name, kernel, _, _) in Self.functions {
            let whole = written(64) { kernel(x.span, &$0) }
            let part = written(61) { kernel(x.span.extracting(3..<64), &$0) }
            #expect(isSame(Array(whole[3...]), part), "\(name)")
        }
    }

    @Test func reluKeepsNaNSoThatItIsSeen() {
        let x: [Float] = [.nan, -1, 2]
        let y = written(3) { relu(x.span, into: &$0) }
        #expect(y[0].isNaN && y[1] == 0 && y[2] == 2)
    }
}
