"""Merges and cuts slices with real MindSpore; driven by ParallelExchangeTests.swift.

    parallel.py merge DIR FORMAT   merges DIR/sharded with its strategy file and compares with DIR/integrated
    parallel.py cut DIR FORMAT     cuts DIR/integrated into DIR/cut as the strategy file of DIR/sharded says
    parallel.py load DIR KIND      loads DIR/KIND into a network with load_distributed_checkpoint and compares
    parallel.py unify DIR KIND     unifies the safetensors files of DIR/KIND, loads that into a network, and compares both

The directories are published sets of Lockstep called "net".
"""

import glob
import os
import sys
import types

# MindSpore's note in its log about a missing device says more than a test needs.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore.parallel import transform_safetensors


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


class Network(ms.nn.Cell):
    """Parameters of these names, types and shapes, all of them zeros."""

    def __init__(self, like):
        super().__init__()
        zeros = {name: np.zeros(value.shape, value.asnumpy().dtype) for name, value in like.items()}
        self.all = ms.ParameterTuple([ms.Parameter(ms.Tensor(array), name=name) for name, array in zeros.items()])

    def values(self):
        return {parameter.name: parameter.asnumpy() for parameter in self.get_parameters()}


def compare(found, expected):
    mistakes = 0
    for name, value in expected.items():
        ours = value.asnumpy()
        theirs = found.get(name)
        if theirs is None or (ours.dtype, ours.shape, ours.tobytes()) != (theirs.dtype, theirs.shape, theirs.tobytes()):
            print(f"{name} is {'missing' if theirs is None else 'not the same'}")
            mistakes += 1
    return mistakes


def parameters(directory, fmt):
    """What a network should hold: all but the value that was appended, and numbers, which MindSpore leaves as they are."""
    whole = load(os.path.join(directory, "integrated"), 0, fmt)
    return {name: value for name, value in whole.items() if name != "epoch_num" and value.shape}


def load_distributed(directory, kind):
    expected = parameters(directory, "ckpt")
    files = sorted(glob.glob(os.path.join(directory, kind, "rank_*", "*.ckpt")))
    network = Network(expected)
    strategy = os.path.join(directory, kind, "strategy", "net.ckpt")
    ms.parallel.load_distributed_checkpoint(network, files, None, strategy)
    return compare(network.values(), expected)


def unify(directory, kind):
    # It waits until half of the machine's memory is free.
    transform_safetensors.psutil = types.SimpleNamespace(virtual_memory=lambda: types.SimpleNamespace(percent=0))
    expected = parameters(directory, "safetensors")
    target = os.path.join(directory, "unified-" + kind)
    ms.parallel.unified_safetensors(
        os.path.join(directory, kind), os.path.join(directory, kind, "strategy", "net.ckpt"), target,
        merge_with_redundancy=kind != "deduplicated", max_process_num=1)
    found = {}
    for path in glob.glob(os.path.join(target, "*.safetensors")):
        found |= {name: value.asnumpy() for name, value in ms.load_checkpoint(path, format="safetensors").items()}
    network = Network(expected)
    ms.parallel.load_distributed_checkpoint(
        network, predict_strategy=None, format="safetensors", unified_safetensors_dir=target)
    return compare(found, load(os.path.join(directory, "integrated"), 0, "safetensors")) + compare(
        network.values(), expected)


def cut(directory, fmt):
    strategy = os.path.join(directory, "sharded", "strategy", "net.ckpt")
    target = os.path.join(directory, "cut")
    ms.transform_checkpoints(os.path.join(directory, "integrated"), target, "cut", None, strategy, output_format=fmt)
    return 0


if __name__ == "__main__":
    commands = {"merge": merge, "cut": cut, "load": load_distributed, "unify": unify}
    sys.exit(1 if commands[sys.argv[1]](sys.argv[2], sys.argv[3]) else 0)
