"""Starts a script again as the other ranks of a gloo group, and passes on to them what it is asked.

Call `start` before torch is imported, which takes seconds: then all ranks import it at the same time.
"""

import os
import shutil
import subprocess
import sys
import tempfile


def start(rank_count):
    """Starts the other ranks, unless this process is one of them."""
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    if "PEER_RANK" in os.environ or rank_count == 1:
        return
    directory = tempfile.mkdtemp(prefix="lockstep-bench-")
    os.environ["PEER_STORE"] = os.path.join(directory, "store")
    others = [_start_rank(rank) for rank in range(1, rank_count)]
    sys.stdin = _passing_on(sys.stdin, others, directory)


def join(rank_count):
    """Joins the group; returns this process's rank."""
    if rank_count == 1:
        return 0
    import torch.distributed

    rank = int(os.environ.get("PEER_RANK", 0))
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{os.environ['PEER_STORE']}", rank=rank, world_size=rank_count
    )
    return rank


def _start_rank(rank):
    return subprocess.Popen(
        [sys.executable, *sys.argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PEER_RANK": str(rank)},
    )


def _passing_on(lines, others, directory):
    for line in lines:
        for other in others:
            other.stdin.write(line)
            other.stdin.flush()
        yield line
    for other in others:
        other.stdin.close()
        other.wait()
    shutil.rmtree(directory)
