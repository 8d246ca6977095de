"""Loads a trainer's checkpoint with real MindSpore; driven by TrainerTests/MindSporeTests.swift.

    load_lenet.py CHECKPOINT DIR

DIR/entries.json says what the checkpoint should hold, as exchange.py describes entries; DIR/images and DIR/logits are
float32: what a LeNet-5 with these parameters makes of some images.
"""

import json
import os
import sys

# The note in its log about a missing device says more than a test needs.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np

from exchange import compare
from lenet import LeNet5


def check_entries(loaded, entries):
    """Returns what is wrong with the names and values of a loaded checkpoint."""
    names = [entry["name"] for entry in entries]
    if list(loaded) != names:
        return [f"MindSpore finds {list(loaded)}, not {names}"]
    wrong = [(entry["name"], compare(entry, loaded[entry["name"]])) for entry in entries]
    return [f"{name} {text}" for name, text in wrong if text]


def check_logits(loaded, directory):
    """Returns what is wrong when a LeNet-5 takes the parameters and computes."""
    network = LeNet5()
    missing, _ = ms.load_param_into_net(network, loaded)
    if missing:
        return [f"the network has parameters that were not loaded: {missing}"]
    images = np.fromfile(os.path.join(directory, "images"), np.float32).reshape(-1, 1, 32, 32)
    expected = np.fromfile(os.path.join(directory, "logits"), np.float32).reshape(-1, 10)
    difference = np.abs(network(ms.Tensor(images)).asnumpy() - expected).max()
    # Two orders of summation over 400 numbers.
    return [] if difference < 1e-4 else [f"logits differ by {difference}"]


def main(checkpoint, directory):
    loaded = ms.load_checkpoint(checkpoint)
    with open(os.path.join(directory, "entries.json"), encoding="utf-8") as file:
        mistakes = check_entries(loaded, json.load(file)) or check_logits(loaded, directory)
    print("\n".join(mistakes))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
