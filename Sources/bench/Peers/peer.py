"""What the peers of `bench` share: they answer on standard output the lines that come on standard input.

An answer is one line, its parts separated by tabs. The first, without a question, is "ready" and what the peer is; it
comes when the peer could begin. The answer to what fails is "failed" and why. The end of the input ends the peer.
"""

import os
import sys
import time

# The answers have standard output for themselves: libraries print there, too.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
os.environ.setdefault("GLOG_v", "3")


def answer(*parts):
    print(*parts, sep="\t", file=ANSWERS)


def serve(respond, *ready):
    """Answers each line by what `respond` returns for its parts."""
    answer("ready", *ready)
    for line in sys.stdin:
        try:
            answer(*respond(*line.rstrip("\n").split("\t")))
        except Exception as error:  # Whatever a library throws, `bench` shall name it.
            answer("failed", " ".join(str(error).split()))


def memory(field):
    """A line of /proc/self/status in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(field))


def serve_steps(make_step, parameter_count):
    """Makes as many steps as each line asks for. The answer: seconds, seconds of processor time, peak memory in
    bytes."""

    def respond(count):
        processor_start, start = time.process_time(), time.perf_counter()
        for _ in range(int(count)):
            make_step()
        seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
        return seconds, processor_seconds, memory("VmHWM:")

    serve(respond, parameter_count)
