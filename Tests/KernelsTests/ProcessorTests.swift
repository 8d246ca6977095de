import Testing

@testable import Kernels

struct ProcessorTests {
    @Test func thisProcessorHasWhatTheKernelsWereBuiltFor() {
        #expect(Processor.missingFeature() == nil)
        #expect(Processor.misfit() == nil)
    }

    @Test func whatIsMissingIsSaidInASentence() {
        let sentence = Processor.misfit(lacking: "avx512f")
        #expect(sentence.hasPrefix("was built for \(Processor.builtFor), and this processor has no avx512f; "))
        #expect(sentence.hasSuffix("LOCKSTEP_ARCH=x86-64-v3"))
    }

    @Test func instructionSetIsNamed() {
        #if arch(x86_64)
            #expect(Processor.builtFor.hasPrefix("x86-64"))
        #elseif arch(arm64)
            #expect(Processor.builtFor.hasPrefix("ARM64"))
        #endif
    }
}
