import Kernels
import LayerKernels
import Testing

/// The numbers are those of real MindSpore 2.10 (Adam, Adagrad, RMSProp, AdaFactor) after three steps.
@Suite struct AdaptiveOptimizerTests {
    static let start: [Float] = [0.5, -1.25, 2.0, 0.125, -0.75, 1.5]
    static let gradients: [[Float]] = [
        [0.1, -0.2, 0.3, -0.4, 0.5, 0.05], [-0.3, 0.25, 0.1, 0.2, -0.1, 0.6], [0.05, 0.4, -0.2, 0.3, 0.1, -0.15],
    ]
    private let pool = ThreadPool(threads: 1)

    /// The parameter after the steps of `update`, which is also given two arrays of state that begin as `state`.
    private func trained(
        _ state: Float = 0,
        _ update: (inout MutableSpan<Float>, inout MutableSpan<Float>, inout MutableSpan<Float>, Span<Float>, Int) ->
            Void
    ) -> [Float] {
        var parameter = Self.start
        var (first, second) = ([Float](repeating: state, count: 6), [Float](repeating: 0, count: 6))
        var p = parameter.mutableSpan
        var a = first.mutableSpan
        var b = second.mutableSpan
        for (index, gradient) in Self.gradients.enumerated() { update(&p, &a, &b, gradient.span, index + 1) }
        return parameter
    }

    @Test func adamIsThatOfMindSpore() {
        let decayed = trained { p, m, v, g, step in
            adamUpdate(&p, m: &m, v: &v, gradient: g, learningRate: 0.1, weightDecay: 0.01, step: step, pool: pool)
        }
        #expect(largestError(decayed, [0.47318402, -1.2157650, 1.7807765, 0.23194924, -0.94836414, 1.2716086]) < 2e-6)
        let nesterov = trained { p, m, v, g, step in
            adamUpdate(&p, m: &m, v: &v, gradient: g, learningRate: 0.1, nesterov: true, step: step, pool: pool)
        }
        #expect(largestError(nesterov, [0.44006851, -1.2346206, 1.7217815, 0.25340372, -1.0296580, 1.1396403]) < 2e-6)
    }

    @Test func adagradIsThatOfMindSpore() {
        let actual = trained(0.1) { p, a, _, g, _ in
            adagradUpdate(&p, accumulation: &a, gradient: g, learningRate: 0.1, weightDecay: 0.01, pool: pool)
        }
        #expect(largestError(actual, [0.52247924, -1.3125318, 1.9394803, 0.11820041, -0.83119470, 1.4105622]) < 2e-6)
    }

    @Test func rmsPropIsThatOfMindSpore() {
        let actual = trained(1) { p, squares, moment, g, _ in
            rmsPropUpdate(
                &p, meanSquare: &squares, moment: &moment, gradient: g, learningRate: 0.1, momentum: 0.5,
                weightDecay: 0.01, pool: pool)
        }
        #expect(largestError(actual, [0.52311534, -1.2949548, 1.9424617, 0.12995373, -0.83249986, 1.4033788]) < 2e-6)
        var mean = [Float](repeating: 0, count: 6)
        var meanSpan = mean.mutableSpan
        let centered = trained(1) { p, squares, moment, g, _ in
            centeredRMSPropUpdate(
                &p, meanGradient: &meanSpan, meanSquare: &squares, moment: &moment, gradient: g, learningRate: 0.1,
                momentum: 0.5, epsilon: 1e-4, pool: pool)
        }
        #expect(largestError(centered, [0.52545118, -1.3007287, 1.9515558, 0.13069554, -0.83620596, 1.4098890]) < 2e-6)
        #expect(mean.allSatisfy { $0 != 0 })
    }

    @Test func adafactorIsThatOfMindSpore() {
        let actual = trained { p, state, moment, g, step in
            var settings = AdafactorStep(learningRate: 0.1, step: step)
            settings.scaleParameter = false
            step2(&p, &state, settings, g, moment: &moment)
        }
        #expect(largestError(actual, [0.51369315, -1.2696468, 1.9517941, 0.13088603, -0.77453989, 1.4736654]) < 5e-6)
        let scaled = trained { p, state, moment, g, step in
            var settings = AdafactorStep(learningRate: min(1e-2, 1 / Float(step).squareRoot()), step: step)
            settings.weightDecay = 0.01
            step2(&p, &state, settings, g, moment: &moment)
        }
        #expect(largestError(scaled, [0.50146145, -1.2519037, 1.9934958, 0.12566382, -0.75267464, 1.4963018]) < 5e-6)
    }

    /// A step with the state of 2 rows and 3 columns in one array.
    private func step2(
        _ p: inout MutableSpan<Float>, _ state: inout MutableSpan<Float>, _ settings: AdafactorStep, _ g: Span<Float>,
        moment: inout MutableSpan<Float>
    ) {
        var (rows, columns): ([Float], [Float]) = ([state[0], state[1]], [state[2], state[3], state[4]])
        var rowSpan = rows.mutableSpan
        var columnSpan = columns.mutableSpan
        adafactorUpdate(
            &p, rowSquares: &rowSpan, columnSquares: &columnSpan, moment: &moment, gradient: g, matrices: 1, rows: 2,
            columns: 3, step: settings, pool: pool)
        for (place, value) in (rows + columns).enumerated() { state[place] = value }
    }

    @Test func adafactorOfAVectorKeepsAllSquares() {
        var (p, s): ([Float], [Float]) = ([1, 2], [0, 0])
        var parameter = p.mutableSpan
        var squares = s.mutableSpan
        var none = MutableSpan<Float>()
        let g: [Float] = [3, -4]
        var settings = AdafactorStep(learningRate: 0.5, step: 1)
        (settings.scaleParameter, settings.beta1) = (false, nil)
        adafactorUpdate(
            &parameter, squares: &squares, moment: &none, gradient: g.span, step: settings, pool: pool)
        // In the first step nothing is kept, and each update is a sign.
        #expect(largestError(p, [0.5, 2.5]) < 1e-6 && largestError(s, [9, 16]) < 1e-6)
    }

    @Test func lambTakesAStepAsLongAsTheParameterSays() {
        let actual = trained { p, m, v, g, step in
            lambUpdate(
                &p, m: &m, v: &v, gradient: g, learningRate: 0.1, weightDecay: 0.01, step: step, pool: pool)
        }
        // The formula in double precision.
        var p = Self.start.map(Double.init)
        var (m, v) = ([Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
        for (index, gradient) in Self.gradients.enumerated() {
            let (correction1, correction2) = (1 - pow(0.9, index + 1), 1 - pow(0.999, index + 1))
            var r = p
            for i in 0..<6 {
                m[i] = 0.9 * m[i] + 0.1 * Double(gradient[i])
                v[i] = 0.999 * v[i] + 0.001 * Double(gradient[i]) * Double(gradient[i])
                r[i] = m[i] / correction1 / ((v[i] / correction2).squareRoot() + 1e-6) + 0.01 * p[i]
            }
            let trust = norm(p) / norm(r)
            for i in 0..<6 { p[i] -= 0.1 * trust * r[i] }
        }
        #expect(largestError(actual, p.map { Float($0) }) < 5e-6)
    }

    private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    private func pow(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }

    @Test(arguments: awkwardLengths) func lionFollowsTheSign(count: Int) {
        var (parameter, moment) = (randomValues(count), randomValues(count, seed: 2))
        let gradient = randomValues(count, seed: 3)
        let expected = zip(parameter.indices, gradient).map { i, g -> Float in
            let mix = 0.9 * moment[i] + 0.1 * g
            return parameter[i] - 0.1 * ((mix > 0 ? 1 : -1) + 0.01 * parameter[i])
        }
        let expectedMoment = zip(moment, gradient).map { 0.99 * $0 + 0.01 * $1 }
        var p = parameter.mutableSpan
        var m = moment.mutableSpan
        lionUpdate(&p, m: &m, gradient: gradient.span, learningRate: 0.1, weightDecay: 0.01, pool: pool)
        #expect(largestError(parameter, expected) < 1e-6 && largestError(moment, expectedMoment) < 1e-6)
    }
}
