"""Merges and cuts slices with real MindSpore; driven by ParallelExchangeTests.swift.

    parallel.py merge DIR FORMAT   merges DIR/sharded with its strategy file and compares with DIR/integrated
    parallel.py cut DIR FORMAT     cuts DIR/integrated into DIR/cut as the strategy file of DIR/sharded says

Both directories are published sets of Lockstep called "net".
"""

import os
import sys

# MindSpore's note in its log about a missing device says more than a test needs.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms


def load(directory, rank, fmt):
    """Loads the one file of a rank."""
    folder = os.path.join(directory, f"rank_{rank}")
    names = [name for name in os.listdir(folder) if name.endswith("." + fmt)]
    assert len(names) == 1, f"{folder} holds {names}"
    return ms.load_checkpoint(os.path.join(folder, names[0]), format=fmt)


def merge(directory, fmt):
    sharded, merged = os.path.join(directory, "sharded"), os.path.join(directory, "merged")
    strategy = os.path.join(sharded, "strategy", "net.ckpt")
    ms.transform_checkpoints(sharded, merged, "full", strategy, None, output_format=fmt)
    found, expected = load(merged, 0, fmt), load(os.path.join(directory, "integrated"), 0, fmt)
    mistakes = 0
    if sorted(found) != sorted(expected):
        print(f"MindSpore merges {sorted(found)}, and there should be {sorted(expected)}")
        mistakes += 1
    for name in set(found) & set(expected):
        ours, theirs = expected[name].asnumpy(), found[name].asnumpy()
        if (ours.dtype, ours.shape, ours.tobytes()) != (theirs.dtype, theirs.shape, theirs.tobytes()):
            print(f"{name} merges to {theirs.dtype} {theirs.shape}, not to the same bits as {ours.dtype} {ours.shape}")
            mistakes += 1
    return mistakes


def cut(directory, fmt):
    strategy = os.path.join(directory, "sharded", "strategy", "net.ckpt")
    target = os.path.join(directory, "cut")
    ms.transform_checkpoints(os.path.join(directory, "integrated"), target, "cut", None, strategy, output_format=fmt)
    return 0


if __name__ == "__main__":
    sys.exit(1 if {"merge": merge, "cut": cut}[sys.argv[1]](sys.argv[2], sys.argv[3]) else 0)
