// XXH3 from Debian's libxxhash-dev.
#include <xxhash.h>

// On x86 the library also exports loops that it chooses by the processor at run time (AVX2, AVX-512); this header turns
// the usual names into theirs. Elsewhere the usual ones are all there is.
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#endif

static inline XXH_errorcode lockstep_xxh3_update(XXH3_state_t *state, const void *bytes, size_t count) {
    return XXH3_64bits_update(state, bytes, count);
}

static inline XXH64_hash_t lockstep_xxh3(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }
