import CProcessor

/// The instruction set that the kernels were compiled for, and the check that this processor has it.
///
/// Swift has no per-function target, so a processor that lacks an instruction the kernels use would end the program with
/// SIGILL. A program asks ``misfit()`` before any kernel, and says that instead. Nothing here needs vector code.
public enum Processor {
    /// What the kernels were compiled for, in words: `x86-64 with AVX-512`.
    public static var builtFor: String {
        unsafe String(cString: lockstep_built_for())
    }

    /// The first instruction set extension that the kernels may use and this processor lacks, as the compiler spells it
    /// (`avx512f`); nil if it has them all.
    public static func missingFeature() -> String? {
        guard let feature = unsafe lockstep_missing_feature() else { return nil }
        return unsafe String(cString: feature)
    }

    /// Why the kernels cannot run on this processor, in words that follow the name of the program; nil if they can.
    public static func misfit() -> String? {
        missingFeature().map { misfit(lacking: $0) }
    }

    static func misfit(lacking feature: String) -> String {
        "was built for \(builtFor), and this processor has no \(feature); build it here, or with LOCKSTEP_ARCH=x86-64-v3"
    }
}
