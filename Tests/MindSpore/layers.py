"""Compares layers with those of real MindSpore; driven by Tests/NetworksTests/MindSporeLayerTests.swift.

    layers.py DIR      reads DIR/layers.json and compares

layers.json is a list of {"layer", "arguments", "training", "input", "weights", "output", "gradient", "parameters"}: the name in
mindspore.nn, its keyword arguments, whether it trains, tensors {"shape", "path"} of float32, and a list of {"name", "before",
"gradient", "after"}, the last two where there are such. The loss is the sum of the output times "weights". A number may be off by
2e-5 of the largest of its tensor, or of 1.
"""

import json
import os
import sys

os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import nn, ops

TOLERANCE = 2e-5


def load(directory, tensor):
    return np.fromfile(os.path.join(directory, tensor["path"]), dtype="float32").reshape(tensor["shape"])


def compare(name, found, expected):
    """Yields what is wrong with a tensor."""
    found = found.asnumpy() if isinstance(found, ms.Tensor) else np.asarray(found)
    if found.shape != expected.shape:
        yield f"{name} is {found.shape} in MindSpore, not {expected.shape}"
        return
    error = np.abs(found.astype(np.float64) - expected).max() if found.size else 0
    scale = max(np.abs(expected).max(), 1) if found.size else 1
    if not error <= TOLERANCE * scale:
        yield f"{name} is off by {error:g}, and its largest number is {scale:g}"


class Network(nn.Cell):
    """A layer as a property, which gives its parameters the names that they have in checkpoints."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def construct(self, x):
        result = self.layer(x)
        return result[0] if isinstance(result, tuple) else result


def make(case):
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in case["arguments"].items()}
    return Network(getattr(nn, case["layer"])(**arguments))


def check(directory, case):
    """Yields what is wrong with a layer."""
    network = make(case)
    network.set_train(case["training"])
    own = {parameter.name.removeprefix("layer."): parameter for parameter in network.get_parameters()}
    names = {parameter["name"] for parameter in case["parameters"]}
    if set(own) != names:
        yield f"MindSpore's parameters are {sorted(own)}, not {sorted(names)}"
        return
    for parameter in case["parameters"]:
        own[parameter["name"]].set_data(ms.Tensor(load(directory, parameter["before"])))
    x, weights = ms.Tensor(load(directory, case["input"])), ms.Tensor(load(directory, case["weights"]))

    def loss(x):
        result = network(x)
        return ops.ReduceSum()(result * weights), result

    trained = [own[parameter["name"]] for parameter in case["parameters"] if "gradient" in parameter]
    gradient = ms.value_and_grad(loss, 0, trained or None, has_aux=True)
    (_, result), gradients = gradient(x)
    of_input, of_parameters = gradients if trained else (gradients, [])
    yield from compare("the output", result, load(directory, case["output"]))
    yield from compare("the gradient of the input", of_input, load(directory, case["gradient"]))
    expected = [parameter for parameter in case["parameters"] if "gradient" in parameter]
    for parameter, found in zip(expected, of_parameters):
        yield from compare(f"the gradient of {parameter['name']}", found, load(directory, parameter["gradient"]))
    for parameter in case["parameters"]:
        if "after" in parameter:
            yield from compare(parameter["name"], own[parameter["name"]], load(directory, parameter["after"]))


def main(directory):
    ms.set_context(mode=ms.PYNATIVE_MODE)
    with open(os.path.join(directory, "layers.json"), encoding="utf-8") as file:
        cases = json.load(file)
    mistakes = 0
    for number, case in enumerate(cases):
        try:
            wrong = list(check(directory, case))
        except (ValueError, RuntimeError, TypeError, KeyError, AttributeError) as error:
            wrong = [f"{type(error).__name__}: {error}"]
        for sentence in wrong:
            print(f"case {number}, {case['layer']}({case['arguments']}): {sentence}")
        mistakes += len(wrong)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
