#pragma once

// Counts what a thread allocates. Linking this target replaces the allocator of the whole test program by one that
// counts and then does what glibc's does; threads that do not count lose nothing.

/// Begins to count the allocations of the calling thread, from 0.
void allocation_counter_start(void);

/// Ends it, and returns how often the calling thread has allocated since the start.
long allocation_counter_stop(void);
