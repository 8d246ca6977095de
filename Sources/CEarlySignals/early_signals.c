// Notes requests to stop from before the program's first line.
//
// Until a program has a handler it dies of a signal, and from exec to the first line of Swift that is tens of
// milliseconds where ranks share cores: libraries are initialised, then the runtimes. The functions of `.preinit_array`
// run before all that, when the libraries are only loaded. Whoever started the program can close the rest of the window by
// blocking the signals (`env --block-signal`): exec keeps that, and they come when they are let through here.

#include "early_signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static const int numbers[early_signal_count] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP};

static struct noted {
    struct sigaction before;
    bool is_installed;
    atomic_bool came;
    int32_t sender;
    int64_t time;
} all[early_signal_count];

static sigset_t mask_before;

static void note(int number, siginfo_t *info, void *context) {
    (void)context;
    for (int index = 0; index < early_signal_count; index++) {
        struct noted *noted = &all[index];
        if (numbers[index] != number || atomic_load(&noted->came)) continue;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        noted->sender = info == NULL ? 0 : info->si_pid;
        noted->time = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
        atomic_store(&noted->came, true);
    }
}

// Whether this is a bundle of tests: SwiftPM links to it the programs that it tests, and it has no use for requests. A terminal
// must be able to end it.
static bool is_test_bundle(void) {
    static const char ending[] = ".xctest";
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    ssize_t count = sizeof ending - 1;
    return length >= count && memcmp(path + length - count, ending, count) == 0;
}

static void install(int count, char **arguments, char **environment) {
    (void)count, (void)arguments, (void)environment;
    if (is_test_bundle()) return;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = note;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigset_t heard;
    sigemptyset(&heard);
    for (int index = 0; index < early_signal_count; index++) {
        struct noted *noted = &all[index];
        sigaction(numbers[index], NULL, &noted->before);
        // A run that was started by nohup is to outlive its terminal.
        if (numbers[index] == SIGHUP && noted->before.sa_handler == SIG_IGN) continue;
        noted->is_installed = true;
        sigaction(numbers[index], &action, NULL);
        sigaddset(&heard, numbers[index]);
    }
    sigprocmask(SIG_UNBLOCK, &heard, &mask_before);
}

__attribute__((section(".preinit_array"), used)) static void (*const install_first)(int, char **, char **) = install;

int32_t early_signal_number(int32_t index) { return numbers[index]; }

struct early_signal early_signal_at(int32_t index) {
    struct noted *noted = &all[index];
    struct early_signal result = {
        .came = atomic_load(&noted->came),
        .was_ignored = noted->before.sa_handler == SIG_IGN,
        .sender = noted->sender,
        .time = noted->time,
    };
    return result;
}

void early_signals_release(void) {
    bool was_installed = false;
    for (int index = 0; index < early_signal_count; index++) {
        if (!all[index].is_installed) continue;
        was_installed = true;
        all[index].is_installed = false;
        sigaction(numbers[index], &all[index].before, NULL);
        if (atomic_load(&all[index].came)) raise(numbers[index]);
    }
    if (was_installed) sigprocmask(SIG_SETMASK, &mask_before, NULL);
}
