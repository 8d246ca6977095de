// What Swift cannot ask: for which instruction set this module's importer was compiled (Kernels is compiled with
// -Xcc -march=…, which sets the macros below), and whether the running processor has all of it.
#pragma once

#include <stddef.h>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

// Floats in the widest vector. Macros, because Swift sees their values and drops the branches not taken.
#if defined(__AVX512F__) && defined(__AVX512VL__)
#define LOCKSTEP_VECTOR_LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#define LOCKSTEP_VECTOR_LANES 8
#else
#define LOCKSTEP_VECTOR_LANES 4
#endif

// Without the instruction, a fused multiply-add is a call of fmaf for each lane.
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
#define LOCKSTEP_HAS_MULTIPLY_ADD 1
#else
#define LOCKSTEP_HAS_MULTIPLY_ADD 0
#endif

// 32 vector registers hold 24 sums, 16 hold 12.
#if defined(__AVX512VL__) || defined(__aarch64__)
#define LOCKSTEP_VECTOR_REGISTERS 32
#else
#define LOCKSTEP_VECTOR_REGISTERS 16
#endif

// Tells the processor that this thread is spinning.
static inline void lockstep_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

// Asks for the cache line at `address`, which is about to be written, without waiting for it.
static inline void lockstep_prefetch_for_writing(const void *address) { __builtin_prefetch(address, 1, 3); }

// The same for a line about to be read; the address need not be that of any memory.
static inline void lockstep_prefetch_for_reading(const void *address) { __builtin_prefetch(address, 0, 3); }

// Sixteen floats and as many bit patterns: Swift's SIMD16<Float> and SIMD16<Int32>. Swift's own operations named here are
// loops over the lanes, which the compiler puts together again as narrower vectors.
typedef float lockstep_lanes __attribute__((ext_vector_type(16)));
typedef int lockstep_bits __attribute__((ext_vector_type(16)));

// a · b + c, rounded once.
static inline lockstep_lanes lockstep_multiply_add(lockstep_lanes a, lockstep_lanes b, lockstep_lanes c) {
    return __builtin_elementwise_fma(a, b, c);
}

static inline lockstep_lanes lockstep_divide(lockstep_lanes a, lockstep_lanes b) { return a / b; }

// All bits of the lanes where a < b, none elsewhere.
static inline lockstep_bits lockstep_is_less(lockstep_lanes a, lockstep_lanes b) { return a < b; }

// b in the lanes where the sign bit of `signs` is set, a elsewhere.
static inline lockstep_lanes lockstep_choose(lockstep_lanes a, lockstep_lanes b, lockstep_lanes signs) {
    lockstep_bits mask = (lockstep_bits)signs >> 31;
    return (lockstep_lanes)(((lockstep_bits)a & ~mask) | ((lockstep_bits)b & mask));
}

// The first `count` of the 16 floats at `address`, and zeros: what lies behind them is not read. Without masks by halves,
// by the bits of the count: four copies at most instead of up to fifteen.
static inline lockstep_lanes lockstep_load_first(const float *address, int count) {
    lockstep_lanes lanes = 0;
#ifdef __AVX512F__
    return __builtin_ia32_loadups512_mask(address, lanes, (unsigned short)((1u << count) - 1));
#else
    if (count == 16) __builtin_memcpy(&lanes, address, sizeof lanes);
    float *to = (float *)&lanes;
    for (int part = 8; part > 0; part /= 2)
        if (count & part) {
            __builtin_memcpy(to, address, part * sizeof(float));
            to += part;
            address += part;
        }
    return lanes;
#endif
}

// Writes the first `count` of 16 floats to `address`, and nothing behind them.
static inline void lockstep_store_first(void *address, int count, lockstep_lanes lanes) {
#ifdef __AVX512F__
    __builtin_ia32_storeups512_mask((float *)address, lanes, (unsigned short)((1u << count) - 1));
#else
    if (count == 16) __builtin_memcpy(address, &lanes, sizeof lanes);
    char *to = (char *)address;
    const char *from = (const char *)&lanes;
    for (int part = 32; part > 2; part /= 2)
        if (count * 4 & part) {
            __builtin_memcpy(to, from, part);
            from += part;
            to += part;
        }
#endif
}

static inline const char *lockstep_built_for(void) {
#if defined(__x86_64__) && LOCKSTEP_VECTOR_LANES == 16
    return "x86-64 with AVX-512";
#elif defined(__x86_64__) && LOCKSTEP_VECTOR_LANES == 8
    return "x86-64 with AVX2";
#elif defined(__x86_64__) && defined(__AVX__)
    return "x86-64 with AVX";
#elif defined(__x86_64__)
    return "x86-64";
#elif defined(__aarch64__) && defined(__ARM_FEATURE_SVE)
    return "ARM64 with SVE";
#elif defined(__aarch64__)
    return "ARM64";
#else
    return "an unnamed processor";
#endif
}

#if defined(__x86_64__)
#define LOCKSTEP_NEEDS(feature) \
    if (!__builtin_cpu_supports(feature)) return feature;
#elif defined(__aarch64__)
#define LOCKSTEP_NEEDS_BIT(word, bit, feature) \
    if (!(getauxval(word) & (bit))) return feature;
#endif

// The first instruction set extension that the compiler may have used and the running processor (or its operating
// system) lacks; NULL if there is none. In the order in which processors gained them, so that the oldest is named.
static inline const char *lockstep_missing_feature(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#ifdef __SSE3__
    LOCKSTEP_NEEDS("sse3")
#endif
#ifdef __SSSE3__
    LOCKSTEP_NEEDS("ssse3")
#endif
#ifdef __SSE4_1__
    LOCKSTEP_NEEDS("sse4.1")
#endif
#ifdef __SSE4_2__
    LOCKSTEP_NEEDS("sse4.2")
#endif
#ifdef __POPCNT__
    LOCKSTEP_NEEDS("popcnt")
#endif
#ifdef __SSE4A__
    LOCKSTEP_NEEDS("sse4a")
#endif
#ifdef __AES__
    LOCKSTEP_NEEDS("aes")
#endif
#ifdef __PCLMUL__
    LOCKSTEP_NEEDS("pclmul")
#endif
#ifdef __AVX__
    LOCKSTEP_NEEDS("avx")
#endif
#ifdef __F16C__
    LOCKSTEP_NEEDS("f16c")
#endif
#ifdef __FMA__
    LOCKSTEP_NEEDS("fma")
#endif
#ifdef __FMA4__
    LOCKSTEP_NEEDS("fma4")
#endif
#ifdef __XOP__
    LOCKSTEP_NEEDS("xop")
#endif
#ifdef __LZCNT__
    LOCKSTEP_NEEDS("lzcnt")
#endif
#ifdef __MOVBE__
    LOCKSTEP_NEEDS("movbe")
#endif
#ifdef __BMI__
    LOCKSTEP_NEEDS("bmi")
#endif
#ifdef __BMI2__
    LOCKSTEP_NEEDS("bmi2")
#endif
#ifdef __AVX2__
    LOCKSTEP_NEEDS("avx2")
#endif
#ifdef __ADX__
    LOCKSTEP_NEEDS("adx")
#endif
#ifdef __SHA__
    LOCKSTEP_NEEDS("sha")
#endif
#ifdef __AVX512F__
    LOCKSTEP_NEEDS("avx512f")
#endif
#ifdef __AVX512CD__
    LOCKSTEP_NEEDS("avx512cd")
#endif
#ifdef __AVX512BW__
    LOCKSTEP_NEEDS("avx512bw")
#endif
#ifdef __AVX512DQ__
    LOCKSTEP_NEEDS("avx512dq")
#endif
#ifdef __AVX512VL__
    LOCKSTEP_NEEDS("avx512vl")
#endif
#ifdef __AVX512IFMA__
    LOCKSTEP_NEEDS("avx512ifma")
#endif
#ifdef __AVX512VBMI__
    LOCKSTEP_NEEDS("avx512vbmi")
#endif
#ifdef __AVX512VBMI2__
    LOCKSTEP_NEEDS("avx512vbmi2")
#endif
#ifdef __AVX512VNNI__
    LOCKSTEP_NEEDS("avx512vnni")
#endif
#ifdef __AVX512BITALG__
    LOCKSTEP_NEEDS("avx512bitalg")
#endif
#ifdef __AVX512VPOPCNTDQ__
    LOCKSTEP_NEEDS("avx512vpopcntdq")
#endif
#ifdef __AVX512BF16__
    LOCKSTEP_NEEDS("avx512bf16")
#endif
#ifdef __AVX512FP16__
    LOCKSTEP_NEEDS("avx512fp16")
#endif
#ifdef __AVX512VP2INTERSECT__
    LOCKSTEP_NEEDS("avx512vp2intersect")
#endif
#ifdef __AVXVNNI__
    LOCKSTEP_NEEDS("avxvnni")
#endif
#ifdef __GFNI__
    LOCKSTEP_NEEDS("gfni")
#endif
#ifdef __VAES__
    LOCKSTEP_NEEDS("vaes")
#endif
#ifdef __VPCLMULQDQ__
    LOCKSTEP_NEEDS("vpclmulqdq")
#endif
#elif defined(__aarch64__)
#ifdef __ARM_FEATURE_ATOMICS
    LOCKSTEP_NEEDS_BIT(AT_HWCAP, HWCAP_ATOMICS, "lse")
#endif
#ifdef __ARM_FEATURE_QRDMX
    LOCKSTEP_NEEDS_BIT(AT_HWCAP, HWCAP_ASIMDRDM, "rdm")
#endif
#ifdef __ARM_FEATURE_FP16_VECTOR_ARITHMETIC
    LOCKSTEP_NEEDS_BIT(AT_HWCAP, HWCAP_ASIMDHP, "fp16")
#endif
#ifdef __ARM_FEATURE_DOTPROD
    LOCKSTEP_NEEDS_BIT(AT_HWCAP, HWCAP_ASIMDDP, "dotprod")
#endif
#ifdef __ARM_FEATURE_SVE
    LOCKSTEP_NEEDS_BIT(AT_HWCAP, HWCAP_SVE, "sve")
#endif
#ifdef __ARM_FEATURE_MATMUL_INT8
    LOCKSTEP_NEEDS_BIT(AT_HWCAP2, HWCAP2_I8MM, "i8mm")
#endif
#ifdef __ARM_FEATURE_BF16_VECTOR_ARITHMETIC
    LOCKSTEP_NEEDS_BIT(AT_HWCAP2, HWCAP2_BF16, "bf16")
#endif
#ifdef __ARM_FEATURE_SVE2
    LOCKSTEP_NEEDS_BIT(AT_HWCAP2, HWCAP2_SVE2, "sve2")
#endif
#endif
    return 0;
}
