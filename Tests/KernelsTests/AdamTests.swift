import Kernels
import Testing

@Suite struct AdamTests {
    private struct State {
        let p: [Float]
        let m: [Float]
        let v: [Float]

        static func initial(_ count: Int) -> State {
            let zeros = [Float](repeating: 0, count: count)
            return State(p: randomValues(count), m: zeros, v: zeros)
        }

        /// The state after step `number`, by the kernel with some threads or by the reference.
        func stepped(_ number: Int, threads: Int? = nil) -> State {
            let gradient = randomValues(p.count, seed: UInt64(10 + number))
            var (parameter, mean, squares) = (p, m, v)
            var p = parameter.mutableSpan
            var m = mean.mutableSpan
            var v = squares.mutableSpan
            if let threads {
                adamWUpdate(
                    &p, m: &m, v: &v, gradient: gradient.span, learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.5,
                    step: number, pool: ThreadPool(threads: threads))
            } else {
                Reference.adamWUpdate(
                    &p, m: &m, v: &v, gradient: gradient.span, learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.5,
                    step: number)
            }
            return State(p: parameter, m: mean, v: squares)
        }
    }

    @Test(arguments: awkwardLengths + [40_000]) func stepsMatchTheReference(count: Int) {
        var (actual, expected) = (State.initial(count), State.initial(count))
        for number in 1...5 {
            actual = actual.stepped(number, threads: 2)
            expected = expected.stepped(number)
        }
        #expect(largestError(actual.p, expected.p) < 1e-6)
        #expect(largestError(actual.m, expected.m) < 1e-6 && largestError(actual.v, expected.v) < 1e-6)
    }

    @Test func stepsByHand() {
        let gradient: [Float] = [4]
        var (parameter, mean, squares): ([Float], [Float], [Float]) = ([1], [0], [0])
        var p = parameter.mutableSpan
        var m = mean.mutableSpan
        var v = squares.mutableSpan
        adamWUpdate(
            &p, m: &m, v: &v, gradient: gradient.span, learningRate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0,
            weightDecay: 0.25, step: 1, pool: ThreadPool(threads: 1))
        // Corrected, the first step's mean is the gradient and its square root too: a step of the whole rate.
        #expect(mean == [2] && squares == [4] && parameter == [1 - 0.125 - 0.5])
    }

    @Test func aParameterWithoutGradientOnlyDecays() {
        let gradient: [Float] = [0]
        var (parameter, mean, squares): ([Float], [Float], [Float]) = ([8], [0], [0])
        var p = parameter.mutableSpan
        var m = mean.mutableSpan
        var v = squares.mutableSpan
        adamWUpdate(
            &p, m: &m, v: &v, gradient: gradient.span, learningRate: 0.5, weightDecay: 0.25, step: 1,
            pool: ThreadPool(threads: 1))
        #expect(parameter == [7] && mean == [0] && squares == [0])
    }

    @Test func bitsDoNotDependOnTheThreads() {
        var (one, three) = (State.initial(50_001), State.initial(50_001))
        for number in 1...2 {
            one = one.stepped(number, threads: 1)
            three = three.stepped(number, threads: 3)
        }
        #expect(isSame(one.p, three.p) && isSame(one.m, three.m) && isSame(one.v, three.v))
    }
}
