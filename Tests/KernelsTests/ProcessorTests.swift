import Kernels
import Testing

struct ProcessorTests {
    @Test func thisProcessorHasWhatTheKernelsWereBuiltFor() {
        #expect(Processor.missingFeature() == nil)
    }

    @Test func instructionSetIsNamed() {
        #if arch(x86_64)
            #expect(Processor.builtFor.hasPrefix("x86-64"))
        #elseif arch(arm64)
            #expect(Processor.builtFor.hasPrefix("ARM64"))
        #endif
    }
}
