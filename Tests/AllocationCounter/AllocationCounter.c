#include "AllocationCounter.h"

#include <errno.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

// Initial-exec: a thread-local variable of a shared object may be allocated on first use, by this very allocator.
static __thread int is_counting __attribute__((tls_model("initial-exec")));
static __thread long count __attribute__((tls_model("initial-exec")));

void allocation_counter_start(void) {
    count = 0;
    is_counting = 1;
}

long allocation_counter_stop(void) {
    is_counting = 0;
    return count;
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
// A sanitizer's own allocator must stay in its place; nothing is counted then.

// A function of its own, so that a debugger can stop at each allocation that counts.
static __attribute__((noinline)) void counted(void) { count += 1; }

static void note_allocation(void) {
    if (is_counting) counted();
}

void *malloc(size_t size) {
    note_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t elements, size_t size) {
    note_allocation();
    return __libc_calloc(elements, size);
}

void *realloc(void *memory, size_t size) {
    note_allocation();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    note_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    note_allocation();
    void *found = __libc_memalign(alignment, size);
    if (found == NULL) return ENOMEM;
    *memory = found;
    return 0;
}

void free(void *memory) { __libc_free(memory); }

#endif
