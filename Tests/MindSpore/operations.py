"""Prints what real MindSpore 2.10 computes, as the constants of Tests/NetworksTests/MindSporeOperationNumbers.swift.

    operations.py > Tests/NetworksTests/MindSporeOperationNumbers.swift

Each entry is a value and its gradient by the first input, both of numbers that are sines of the squared index, so that both sides
make them without a file. An optimizer's entry is a parameter after each of three steps.
"""

import os

# The note in its log about a missing device says more than is needed.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from optimizers import fill, optimized, wave


def tensor(values, *shape):
    return ms.Tensor(np.asarray(values, np.float32).reshape(shape))


def shares(values):
    return 1 / (1 + np.exp(-np.asarray(values, np.float64)))


def value_and_gradient(function, x):
    """The value, and the gradient by x of its elements times a wave."""
    weights = wave(function(x).size, 0.3, 1)

    def weighted(x):
        value = function(x)
        return (value * tensor(weights, *value.shape)).sum() if value.shape else value * float(weights[0])

    return function(x).asnumpy(), ms.grad(weighted)(x).asnumpy()


CELLS = {
    "Sigmoid": nn.Sigmoid(),
    "SiLU": nn.SiLU(),
    "LeakyReLU": nn.LeakyReLU(),
    "ELU": nn.ELU(),
    "Softplus": ops.softplus,
    "HSwish": nn.HSwish(),
    "HSigmoid": nn.HSigmoid(),
    "ReLU6": nn.ReLU6(),
    "GELU": nn.GELU(),
    "erfGELU": nn.GELU(approximate=False),
    "Softmax": nn.Softmax(axis=0),
    "LogSoftmax": nn.LogSoftmax(),
}


def operations():
    """What operations on values of any shapes make of x [2, 3, 4], with y [3, 1] beside it."""
    y = tensor(wave(3, 0.4, 1), 3, 1)
    ids = ms.Tensor(np.array([2, 0, 2, 1], np.int32))
    return {
        "add": lambda x: x + y,
        "multiply": lambda x: x * y,
        "divide": lambda x: y / (x * x + 1),
        "maximum": lambda x: ops.maximum(x, y),
        "pow": lambda x: ops.pow(ops.exp(x), y),
        "where": lambda x: ops.select(x < y, x * 2, x),
        "sum": lambda x: ops.sum(x, (0, 2)),
        "mean": lambda x: ops.mean(x, 1, keep_dims=True),
        "amax": lambda x: ops.amax(x, 2),
        "amin": lambda x: ops.amin(x, 0),
        "var": lambda x: ops.var(x, 2, 1),
        "cumsum": lambda x: ops.cumsum(x, 2),
        "clip": lambda x: ops.clamp(x, -0.5, 0.7),
        "gather": lambda x: ops.gather(x, ids, 1),
        "slice": lambda x: x[:, 1:3, ::2],
        "pad": lambda x: ops.pad(x, (1, 0, 0, 2), value=0.5),
        "concat": lambda x: ops.cat((x, x * x), 1),
        "stack": lambda x: ops.stack((x, x * x), 2),
        "bmm": lambda x: ops.bmm(x, ops.transpose(x * 2, (0, 2, 1))),
        "abs": ops.abs,
        "erf": ops.erf,
        "nearest": lambda x: ops.interpolate(x.reshape(1, 2, 3, 4), size=(5, 7), mode="nearest"),
        "bilinear": lambda x: ops.interpolate(x.reshape(1, 2, 3, 4), size=(5, 7), mode="bilinear", align_corners=False),
        "aligned": lambda x: ops.interpolate(x.reshape(1, 2, 3, 4), size=(5, 7), mode="bilinear", align_corners=True),
    }


def losses():
    """Each loss with the logits and labels that it is given."""
    logits, numbers = wave(20, 0.7, 3), wave(20, 0.2, 1)
    x, labels = tensor(logits, 4, 5), tensor(numbers, 4, 5)
    probabilities = tensor(shares(numbers), 4, 5)
    classes = ms.Tensor(np.array([4, 0, 2, 2], np.int32))
    weight, by_class = tensor(shares(wave(5, 0.9, 1)), 5), tensor(shares(wave(5, 0.4, 1)), 5)
    return {
        "L1Loss": (nn.L1Loss(), x, labels),
        "L1Loss sum": (nn.L1Loss(reduction="sum"), x, labels),
        "SmoothL1Loss": (nn.SmoothL1Loss(beta=0.5, reduction="mean"), x, labels),
        "HuberLoss": (nn.HuberLoss(delta=0.7), x, labels),
        "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss(), x, probabilities),
        "BCEWithLogitsLoss weighted": (nn.BCEWithLogitsLoss(weight=weight, pos_weight=by_class), x, probabilities),
        "BCELoss": (nn.BCELoss(reduction="mean"), tensor(shares(logits), 4, 5), probabilities),
        "CrossEntropyLoss": (nn.CrossEntropyLoss(), x, classes),
        "CrossEntropyLoss smoothed": (nn.CrossEntropyLoss(weight=weight, ignore_index=0, label_smoothing=0.1), x, classes),
        "CrossEntropyLoss shares": (nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1), x, probabilities),
        "NLLLoss": (nn.NLLLoss(weight=weight, ignore_index=4), x, classes),
        "KLDivLoss": (nn.KLDivLoss(), x, probabilities),
        "KLDivLoss batchmean": (nn.KLDivLoss(reduction="batchmean"), x, probabilities),
    }


def attention(masked):
    """MultiheadAttention of two samples of three tokens to each other, in the width 4 with two heads."""
    network = nn.MultiheadAttention(4, 2, batch_first=True)
    parameters = dict(network.parameters_and_names())
    fill([parameters[name] for name in ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")])
    later = ms.Tensor(np.triu(np.ones((3, 3), bool), 1))
    padding = ms.Tensor(np.array([[False, False, False], [False, False, True]]))
    masks = {"attn_mask": later, "key_padding_mask": padding} if masked else {}
    return lambda x: network(x, x, x, need_weights=False, **masks)[0]


# Not Lamb, which has no kernel on a CPU.
RULES = {
    "Adam": lambda p: nn.Adam(p, 0.1),
    "Adam decay": lambda p: nn.Adam(p, 0.1, weight_decay=0.05),
    "Adam nesterov": lambda p: nn.Adam(p, 0.1, use_nesterov=True),
    "Adagrad": lambda p: nn.Adagrad(p, learning_rate=0.1),
    "Adagrad decay": lambda p: nn.Adagrad(p, learning_rate=0.1, weight_decay=0.05),
    "RMSProp": lambda p: nn.RMSProp(p, 0.1),
    "RMSProp momentum": lambda p: nn.RMSProp(p, 0.1, momentum=0.9, weight_decay=0.05),
    "RMSProp centered": lambda p: nn.RMSProp(p, 0.1, momentum=0.9, centered=True),
    "AdaFactor": lambda p: nn.AdaFactor(p, learning_rate=0.1, relative_step=False),
    "AdaFactor plain": lambda p: nn.AdaFactor(p, learning_rate=0.1, relative_step=False, beta1=None, scale_parameter=False),
    "AdaFactor relative": lambda p: nn.AdaFactor(p, weight_decay=0.05),
}


def numbers(values):
    return "[" + ", ".join(str(value) for value in np.asarray(values, np.float32).ravel()) + "]"


def table(name, comment, entries):
    print(f"\n    /// {comment}\n    static let {name}: [String: [[Float]]] = [")
    for key, make in entries.items():
        try:
            rows = make()
        except (ValueError, RuntimeError, TypeError, AttributeError, KeyError) as error:
            print(f"        // {key}: MindSpore refuses: {str(error).splitlines()[0][:90]}")
            continue
        print(f'        "{key}": [\n' + "".join(f"            {numbers(row)},\n" for row in rows) + "        ],")
    print("    ]")


def main():
    print("/// What MindSpore computes; written by Tests/MindSpore/operations.py.\nenum MindSporeOperationNumbers {", end="")
    x = tensor(wave(12, 0.7, 5), 3, 4)
    table("cells", "Value and gradient.", {name: lambda c=cell: value_and_gradient(c, x) for name, cell in CELLS.items()})
    values = tensor(wave(24, 0.7, 2), 2, 3, 4)
    table(
        "operations", "Value and gradient.",
        {name: lambda o=operation: value_and_gradient(o, values) for name, operation in operations().items()})
    table(
        "losses", "Value and gradient.",
        {name: lambda c=case: value_and_gradient(lambda x: c[0](x, c[2]), c[1]) for name, case in losses().items()})
    tokens = tensor(wave(24, 0.9, 1), 2, 3, 4)
    table(
        "attention", "Value and gradient.",
        {name: lambda m=masked: value_and_gradient(attention(m), tokens)
         for name, masked in (("plain", False), ("masked", True))})
    table("rules", "Weight and bias after each of three steps.", {name: lambda m=make: [optimized(m)] for name, make in RULES.items()})
    print("}")


if __name__ == "__main__":
    main()
