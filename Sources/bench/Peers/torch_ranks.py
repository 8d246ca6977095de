"""Starts this script again as the other ranks of a gloo group, and passes on to them what it is asked."""

import os
import subprocess
import sys
import tempfile

import torch.distributed


def join(rank_count, arguments):
    """Makes this process rank 0, or the rank that its environment names; returns the rank."""
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    rank = int(os.environ.get("PEER_RANK", 0))
    if rank == 0:
        os.environ["PEER_STORE"] = os.path.join(tempfile.mkdtemp(prefix="lockstep-bench-"), "store")
        _pass_on([_start(other, arguments) for other in range(1, rank_count)])
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{os.environ['PEER_STORE']}", rank=rank, world_size=rank_count
    )
    return rank


def _start(rank, arguments):
    environment = os.environ | {"PEER_RANK": str(rank)}
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)


def _pass_on(others):
    own = sys.stdin

    def lines():
        for line in own:
            for other in others:
                other.stdin.write(line)
                other.stdin.flush()
            yield line
        for other in others:
            other.stdin.close()
            other.wait()

    sys.stdin = lines()
