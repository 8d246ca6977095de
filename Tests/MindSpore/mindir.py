"""Runs .mindir files in real MindSpore and writes some; driven by the tests in Tests/MindIRTests.

    mindir.py run DIR      loads and runs the models that DIR/models.json names, and compares what comes out
    mindir.py write DIR    exports LeNet-5, with its loss too, and describes the files in DIR/exports.json
    mindir.py vector FILE  makes Tests/MindIRTests/Vectors/lenet5.mindir.gz

models.json is a list of {"path", "floor", "mode", "key_hex", "runs": [{"inputs": [...], "outputs": [...]}]}, where each
tensor is {"dtype", "shape", "path"}: its bytes in a file. mode and key_hex are missing for plain files. An output may be
off by 1e-5 of its largest number, or of floor if that is larger.
"""

import gzip
import json
import os
import sys

# MindSpore's note in its log about a missing device says more than a test needs.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import nn

from lenet import LeNet5

TOLERANCE = 1e-5


def load_tensor(directory, tensor):
    array = np.fromfile(os.path.join(directory, tensor["path"]), dtype=tensor["dtype"])
    return array.reshape(tensor["shape"])


def compare(found, expected, floor):
    """Returns what is wrong with an output, or None."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return f"is {found.dtype}{found.shape}, not {expected.dtype}{expected.shape}"
    if not np.isfinite(expected).all() or not np.isfinite(found).all():
        return "is not finite"
    if found.size == 0:
        return None
    error = np.abs(found.astype(np.float64) - expected).max()
    scale = max(np.abs(expected).max(), floor)
    return None if error <= TOLERANCE * scale else f"is off by {error:g}, and the largest number is {scale:g}"


def run_model(directory, model, mode):
    """Yields what is wrong with a model in one of MindSpore's modes."""
    ms.set_context(mode=mode)
    arguments = {}
    if "mode" in model:
        arguments = {"dec_key": bytes.fromhex(model["key_hex"]), "dec_mode": model["mode"]}
    cell = nn.GraphCell(ms.load(os.path.join(directory, model["path"]), **arguments))
    for number, run in enumerate(model["runs"]):
        results = cell(*[ms.Tensor(load_tensor(directory, tensor)) for tensor in run["inputs"]])
        results = results if isinstance(results, tuple) else (results,)
        if len(results) != len(run["outputs"]):
            yield f"run {number} gives {len(results)} outputs, not {len(run['outputs'])}"
            continue
        for index, (result, tensor) in enumerate(zip(results, run["outputs"])):
            wrong = compare(result.asnumpy(), load_tensor(directory, tensor), model["floor"])
            if wrong:
                yield f"output {index} of run {number} {wrong}"


def run(directory):
    """Runs all models in both modes; returns the number of mistakes."""
    with open(os.path.join(directory, "models.json"), encoding="utf-8") as file:
        models = json.load(file)
    mistakes = 0
    for mode, name in ((ms.GRAPH_MODE, "graph"), (ms.PYNATIVE_MODE, "pynative")):
        for model in models:
            try:
                wrong = list(run_model(directory, model, mode))
            except (ValueError, RuntimeError, TypeError, KeyError) as error:
                wrong = [str(error)]
            for sentence in wrong:
                print(f"{model['path']} in {name} mode: {sentence}")
            mistakes += len(wrong)
    return mistakes


def export(network, inputs, path):
    ms.export(network, *inputs, file_name=path.removesuffix(".mindir"), file_format="MINDIR")


def write(directory):
    """Exports networks for others to read."""
    rng = np.random.default_rng(1)
    exports = []
    for name, rows in (("LeNet5", 1), ("LeNet5-loss", 4)):
        network = LeNet5()
        images = ms.Tensor(rng.standard_normal((rows, 1, 32, 32)), ms.float32)
        inputs = [images]
        if name.endswith("loss"):
            loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
            inputs.append(ms.Tensor(np.arange(rows), ms.int32))
            export(nn.WithLossCell(network, loss), inputs, os.path.join(directory, f"{name}.mindir"))
        else:
            export(network, inputs, os.path.join(directory, f"{name}.mindir"))

        def saved(label, tensor):
            array = tensor.asnumpy()
            path = f"{name}-{label}.bin"
            array.tofile(os.path.join(directory, path))
            return {"dtype": str(array.dtype), "shape": list(array.shape), "path": path}

        exports.append({
            "path": f"{name}.mindir",
            "inputs": [list(tensor.shape) for tensor in inputs],
            "parameters": {parameter.name: saved(parameter.name, parameter)
                           for parameter in network.get_parameters()},
            "images": saved("images", images),
            "logits": saved("logits", network(images)),
        })
    with open(os.path.join(directory, "exports.json"), "w", encoding="utf-8") as file:
        json.dump(exports, file)
    return 0


def vector(target):
    """Exports LeNet-5 with weights that compress well: element i of a parameter is (i % 17) / 16."""
    network = LeNet5()
    for parameter in network.get_parameters():
        values = np.arange(parameter.size) % 17 / 16
        parameter.set_data(ms.Tensor(values.reshape(parameter.shape), ms.float32))
    path = f"{target}.mindir"
    export(network, [ms.Tensor(np.zeros((1, 1, 32, 32)), ms.float32)], path)
    with open(path, "rb") as file, open(target, "wb") as packed:
        packed.write(gzip.compress(file.read(), 9, mtime=0))
    os.remove(path)
    return 0


if __name__ == "__main__":
    sys.exit(1 if {"run": run, "write": write, "vector": vector}[sys.argv[1]](sys.argv[2]) else 0)
