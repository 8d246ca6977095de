"""Writes arrays as real NumPy does; driven by DatasetsTests/NumPyTests.swift.

    numpy_files.py DIR   writes .npy and .npz files of all kinds, and DIR/expected.json: for each what must be read
"""

import json
import os
import sys

import numpy as np

folder = sys.argv[1]
cases = []
random = np.random.default_rng(1)


def case(file, array, name=None):
    as_float = array.dtype.kind == "f"
    values = array.astype(np.float32 if as_float else np.int64).astype(np.float64)
    cases.append({"file": file, "name": name, "shape": list(array.shape), "values": values.reshape(-1).tolist()})


def draw(kind, shape):
    if kind == "?":
        return random.integers(0, 2, shape).astype(bool)
    if np.dtype(kind).kind == "f":
        return random.normal(size=shape).astype(kind)
    info = np.iinfo(kind)
    return random.integers(max(info.min, -(2**31)), min(info.max, 2**31 - 1), shape, endpoint=True).astype(kind)


number = 0
for kind in ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
    for order in "<>":
        for shape in [(5,), (4, 3, 2)]:
            array = draw(kind, shape)
            if array.dtype.itemsize > 1:
                array = array.astype(array.dtype.newbyteorder(order))
            if number % 3 == 1:
                array = np.asfortranarray(array)
            file = f"{number}.npy"
            np.save(os.path.join(folder, file), array)
            case(file, array)
            number += 1

arrays = {"a": draw("f4", (40, 3)), "b": np.asfortranarray(draw("f8", (3, 4))), "c": draw(">i4", (7,))}
np.savez(os.path.join(folder, "plain.npz"), **arrays)
np.savez_compressed(os.path.join(folder, "packed.npz"), **arrays)
for file in ["plain.npz", "packed.npz"]:
    for name, array in arrays.items():
        case(file, array, name)

with open(os.path.join(folder, "expected.json"), "w") as out:
    json.dump(cases, out)
