// Starts a program with the requests to stop held back, which would kill it until it has handlers: exec keeps what is blocked,
// and the program lets them through once it can note them (Sources/CEarlySignals).
//
//     starter PROGRAM [ARGUMENTS]
//
// `env --block-signal=TERM,INT,HUP,USR1` does the same. Linked statically this one spares the ranks the loader's time, which
// is long where eight of them load libraries on two cores: `bench start` measures both.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
    sigset_t requests;
    sigemptyset(&requests);
    sigaddset(&requests, SIGTERM);
    sigaddset(&requests, SIGINT);
    sigaddset(&requests, SIGHUP);
    sigaddset(&requests, SIGUSR1);
    sigprocmask(SIG_BLOCK, &requests, NULL);
    if (count < 2) {
        fprintf(stderr, "%s: the program to start is missing\n", arguments[0]);
        return 64;
    }
    execvp(arguments[1], arguments + 1);
    fprintf(stderr, "%s: %s cannot be started: %s\n", arguments[0], arguments[1], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}
