// What Swift's Glibc does not show: these names are GNU's alone.
#pragma once

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Keeps the calling thread, and those that it starts from now on, to one of the processors that it may use, counted
// around; 0, or -1 where the system refuses, and all stays as it is.
static inline int lockstep_keep_to_processor(unsigned index) {
    unsigned char allowed[1024] = {0};
    unsigned count = 0, seen = 0;
    // Straight from the system, which tells how many bytes it has written.
    long size = syscall(SYS_sched_getaffinity, 0, sizeof allowed, allowed);
    if (size <= 0) return -1;
    for (long processor = 0; processor < 8 * size; processor++)
        count += allowed[processor / 8] >> processor % 8 & 1;
    if (count == 0) return -1;
    for (long processor = 0; processor < 8 * size; processor++)
        if (allowed[processor / 8] >> processor % 8 & 1 && seen++ != index % count)
            allowed[processor / 8] &= ~(1 << processor % 8);
    return (int)syscall(SYS_sched_setaffinity, 0, size, allowed);
}

// Gives the process as many places to look for waiting threads in: Linux 6.16 and newer keeps sixteen or so a process, and
// with a thousand that wait, to wake one is to pass dozens. Older ones have many for all processes, and refuse.
static inline int lockstep_spread_waiters(unsigned long places) {
    // PR_FUTEX_HASH, PR_FUTEX_HASH_SET_SLOTS
    return prctl(78, 1ul, places, 0ul, 0ul);
}
