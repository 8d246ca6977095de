"""Compares layers with those of real MindSpore; driven by Tests/NetworksTests/MindSporeLayerTests.swift.

    layers.py DIR      reads DIR/layers.json and compares

layers.json is a list of {"layer", "arguments", "training", "inputs", "weights", "outputs", "gradients", "parameters"}: the name in
mindspore.nn, its keyword arguments, whether it trains, the lengths of sequences where such are given, lists of tensors {"shape", "path"} of float32, and a list of {"name", "before",
"gradient", "after"}, the last two where there are such. Inputs behind the first are the states that a recurrent layer begins with,
outputs behind the first its last ones. The loss is the sum of the outputs times "weights". A number may be off by 2e-5 of the
largest of its tensor, or of 1.
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

    def __init__(self, layer, lengths):
        super().__init__()
        self.layer = layer
        self.lengths = None if lengths is None else ms.Tensor(lengths, ms.int32)

    def construct(self, x, *states):
        if not states:
            result = self.layer(x)
            return (result[0] if isinstance(result, tuple) else result,)
        output, last = self.layer(x, states if len(states) > 1 else states[0], self.lengths)
        return (output, *last) if isinstance(last, tuple) else (output, last)


def make(case):
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in case["arguments"].items()}
    return Network(getattr(nn, case["layer"])(**arguments), case.get("lengths"))


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
    inputs, weights = ([ms.Tensor(load(directory, tensor)) for tensor in case[key]] for key in ("inputs", "weights"))

    def loss(*inputs):
        results = network(*inputs)
        total = sum(ops.ReduceSum()(result * weight) for result, weight in zip(results, weights))
        return (total, *results)

    trained = [own[parameter["name"]] for parameter in case["parameters"] if "gradient" in parameter]
    gradient = ms.value_and_grad(loss, tuple(range(len(inputs))), trained or None, has_aux=True)
    (_, *results), gradients = gradient(*inputs)
    of_inputs, of_parameters = gradients if trained else (gradients, [])
    # Of one input MindSpore gives no tuple.
    of_inputs = of_inputs if isinstance(of_inputs, tuple) else (of_inputs,)
    for number, (found, expected) in enumerate(zip(results, case["outputs"], strict=True)):
        yield from compare(f"output {number}", found, load(directory, expected))
    for number, (found, expected) in enumerate(zip(of_inputs, case["gradients"], strict=True)):
        yield from compare(f"the gradient of input {number}", found, load(directory, expected))
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
