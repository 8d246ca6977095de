import Kernels
import Testing

@Suite struct OptimizerTests {
    @Test(arguments: awkwardLengths) func plainStepMatchesTheReference(count: Int) {
        let gradient = randomValues(count, seed: 2)
        var (actual, expected) = (randomValues(count), randomValues(count))
        var left = actual.mutableSpan
        var right = expected.mutableSpan
        sgdUpdate(&left, gradient: gradient.span, learningRate: 0.1, weightDecay: 0.01)
        Reference.sgdUpdate(&right, gradient: gradient.span, learningRate: 0.1, weightDecay: 0.01)
        #expect(largestError(actual, expected) < 2e-7)
    }

    @Test(arguments: awkwardLengths, [false, true]) func momentumStepsMatchTheReference(count: Int, nesterov: Bool) {
        var (actual, expected) = (randomValues(count), randomValues(count))
        var (moments, expectedMoments) = (randomValues(count, seed: 3), randomValues(count, seed: 3))
        var p = actual.mutableSpan
        var q = expected.mutableSpan
        var v = moments.mutableSpan
        var w = expectedMoments.mutableSpan
        for step in 0..<3 {
            let g = randomValues(count, seed: UInt64(10 + step))
            momentumUpdate(
                &p, moment: &v, gradient: g.span, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01,
                nesterov: nesterov)
            Reference.momentumUpdate(
                &q, moment: &w, gradient: g.span, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01,
                nesterov: nesterov)
        }
        #expect(largestError(actual, expected) < 1e-6 && largestError(moments, expectedMoments) < 1e-6)
    }

    @Test(arguments: awkwardLengths, [false, true]) func dampenedStepsMatchTheReference(count: Int, nesterov: Bool) {
        var (actual, expected) = (randomValues(count), randomValues(count))
        // What the first step finds in the accumulation does not count.
        var (velocity, expectedVelocity) = (
            [Float](repeating: .nan, count: count), [Float](repeating: 1, count: count)
        )
        var p = actual.mutableSpan
        var q = expected.mutableSpan
        var v = velocity.mutableSpan
        var w = expectedVelocity.mutableSpan
        for step in 0..<3 {
            let g = randomValues(count, seed: UInt64(10 + step))
            sgdUpdate(
                &p, accumulation: &v, gradient: g.span, learningRate: 0.1, momentum: 0.9, dampening: 0.2,
                weightDecay: 0.01, nesterov: nesterov, isFirstStep: step == 0)
            Reference.sgdUpdate(
                &q, accumulation: &w, gradient: g.span, learningRate: 0.1, momentum: 0.9, dampening: 0.2,
                weightDecay: 0.01, nesterov: nesterov, isFirstStep: step == 0)
        }
        #expect(largestError(actual, expected) < 1e-6 && largestError(velocity, expectedVelocity) < 1e-6)
    }

    @Test func momentumStepsByHand() {
        let gradient: [Float] = [4]
        var (parameter, moment): ([Float], [Float]) = ([1], [2])
        var p = parameter.mutableSpan
        var v = moment.mutableSpan
        momentumUpdate(&p, moment: &v, gradient: gradient.span, learningRate: 0.5, momentum: 0.25)
        #expect(moment == [4.5] && parameter == [-1.25])
    }

    @Test func nesterovStepByHand() {
        let gradient: [Float] = [4]
        var (parameter, moment): ([Float], [Float]) = ([1], [2])
        var p = parameter.mutableSpan
        var v = moment.mutableSpan
        momentumUpdate(&p, moment: &v, gradient: gradient.span, learningRate: 0.5, momentum: 0.25, nesterov: true)
        #expect(moment == [4.5] && parameter == [1 - 0.5 * 4 - 0.5 * 0.25 * 4.5])
    }
}
