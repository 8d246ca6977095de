#include "SanitizerLock.h"

#if __has_feature(thread_sanitizer)

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

// The number is 0, or the thread that has the lock. Nobody ever sets the bit by which others tell it that they wait, so
// it gives the lock back by itself, without `_unlockSlow`. The address comes as `self` does in Swift.
#define LOCK_SLOWLY \
    __attribute__((swiftcall)) void lock_slowly(uint32_t thread, __attribute__((swift_context)) _Atomic uint32_t *owner)

LOCK_SLOWLY __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

LOCK_SLOWLY {
    const struct timespec moment = {0, 20000};
    uint32_t nobody = 0;
    while (!atomic_compare_exchange_weak_explicit(owner, &nobody, thread, memory_order_acquire, memory_order_relaxed)) {
        nobody = 0;
        nanosleep(&moment, NULL);
    }
}

#endif
