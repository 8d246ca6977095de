#pragma once

#include <stdbool.h>
#include <stdint.h>

/// What is known of a signal that came before the program listened to it.
struct early_signal {
    /// Whether it came.
    bool came;
    /// Whether who started the process had switched it off.
    bool was_ignored;
    /// The process that sent it first; 0 if that was the kernel.
    int32_t sender;
    /// When that was, in nanoseconds of the monotonic clock.
    int64_t time;
};

/// The signals that are noted from before `main`: SIGTERM, SIGINT, SIGUSR1, and SIGHUP unless it was switched off, as by
/// `nohup`.
enum { early_signal_count = 4 };
int32_t early_signal_number(int32_t index);

/// What is known of the signal at an index.
struct early_signal early_signal_at(int32_t index);

/// Puts back what was there before `main`, for a program that does not want to listen; what has come takes effect.
void early_signals_release(void);
