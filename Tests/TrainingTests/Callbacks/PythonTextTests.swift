import Testing

@testable import Runs
@testable import Training

struct PythonTextTests {
    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-2.5, "-2.5"), (0.1, "0.1"), (100, "100.0"),
        (0.0001, "0.0001"), (0.00012345, "0.00012345"), (0.00009999, "9.999e-05"), (1e-7, "1e-07"),
        (1.5e-10, "1.5e-10"), (123456789012345680, "1.2345678901234568e+17"), (1e15, "1000000000000000.0"),
        (1e16, "1e+16"), (9_007_199_254_740_992, "9007199254740992.0"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (.leastNonzeroMagnitude, "5e-324"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    ]) func doublesReadAsInPython(value: Double, text: String) {
        #expect(pythonText(value) == text)
    }

    @Test(arguments: [
        (Float(0.1), "0.1"), (16_777_216, "16777216.0"), (33_554_432, "33554432.0"), (1e-5, "1e-05"),
        (0.010000001, "0.010000001"), (1e16, "1e+16"), (123456.79, "123456.79"),
    ]) func floatsReadAsInNumPy(value: Float, text: String) {
        #expect(pythonText(value) == text)
    }
}
