"""Prints what real MindSpore 2.10 computes, as the constants of Tests/NetworksTests/MindSporeNumbers.swift.

    optimizers.py > Tests/NetworksTests/MindSporeNumbers.swift

Weights, inputs and gradients are sines of the squared index, so that both sides make them without a file.
"""

import os

# The note in its log about a missing device says more than is needed.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import nn

from lenet import LeNet5


def wave(count, frequency, scale):
    """The test's `wave`: the same doubles, rounded once."""
    index = np.arange(1, count + 1, dtype=np.float64)
    return (np.sin(index * index * frequency) * scale).astype(np.float32)


def fill(parameters):
    for index, parameter in enumerate(parameters):
        bound = 2 / np.sqrt(np.prod(parameter.shape[1:])) if len(parameter.shape) > 1 else 0.1
        values = wave(parameter.size, index + 1, bound).reshape(parameter.shape)
        parameter.set_data(ms.Tensor(values))


def literal(values):
    numbers = [str(value) for value in np.asarray(values, np.float32).ravel()]
    lines = [", ".join(numbers[start : start + 5]) for start in range(0, len(numbers), 5)]
    return "[\n" + "".join(f"        {line},\n" for line in lines) + "    ]"


def constant(name, comment, values):
    print(f"\n    /// {comment}\n    static let {name}: [Float] = {literal(values)}")


def checksum(values):
    """Sum, sum of squares, and the first, middle and last element."""
    flat = np.asarray(values, np.float64).ravel()
    return [flat.sum(), (flat * flat).sum(), flat[0], flat[flat.size // 2], flat[-1]]


def optimized(make):
    """Weight and bias of a Dense(3, 2) after each of three steps with given gradients."""
    network = nn.Dense(3, 2)
    parameters = list(network.trainable_params())
    fill(parameters)
    optimizer = make(parameters)
    seen = []
    for step in range(3):
        optimizer((ms.Tensor(wave(6, 0.3 + step, 1).reshape(2, 3)), ms.Tensor(wave(2, 0.7 + step, 1))))
        seen += [parameter.asnumpy().ravel().copy() for parameter in parameters]
    return np.concatenate(seen)


def lenet_step():
    network = LeNet5()
    parameters = list(network.trainable_params())
    fill(parameters)
    images = ms.Tensor(wave(4 * 32 * 32, 0.37, 1).reshape(4, 1, 32, 32))
    labels = ms.Tensor(np.array([3, 0, 9, 4], np.int32))
    loss_fn = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    optimizer = nn.Momentum(parameters, learning_rate=0.1, momentum=0.9)

    def forward(x, y):
        logits = network(x)
        return loss_fn(logits, y), logits

    (loss, logits), gradients = ms.value_and_grad(forward, None, parameters, has_aux=True)(images, labels)
    optimizer(gradients)
    constant("lenetLogits", "The logits of four images.", logits.asnumpy())
    constant("lenetLoss", "Their mean cross-entropy.", loss.asnumpy())
    squares = [np.linalg.norm(gradient.asnumpy().astype(np.float64)) for gradient in gradients]
    constant("lenetGradientNorms", "The Euclidean norms of the gradients, by parameter.", squares)
    sums = [checksum(parameter.asnumpy()) for parameter in parameters]
    constant(
        "lenetUpdated",
        "Of each parameter after one step: sum, sum of squares, first, middle and last element.",
        sums,
    )


def main():
    print("/// What MindSpore computes; written by Tests/MindSpore/optimizers.py.\nenum MindSporeNumbers {", end="")
    # Not Momentum with use_nesterov: MindSpore's CPU kernel takes the flag and steps as without it.
    rules = {
        "momentum": lambda p: nn.Momentum(p, 0.1, 0.9),
        "momentumDecay": lambda p: nn.Momentum(p, 0.1, 0.9, weight_decay=0.05),
        "sgd": lambda p: nn.SGD(p, 0.1),
        "sgdDecay": lambda p: nn.SGD(p, 0.1, weight_decay=0.05),
        "sgdMomentum": lambda p: nn.SGD(p, 0.1, momentum=0.9),
        "sgdDampening": lambda p: nn.SGD(p, 0.1, momentum=0.9, dampening=0.3, weight_decay=0.05),
        "sgdNesterov": lambda p: nn.SGD(p, 0.1, momentum=0.9, weight_decay=0.05, nesterov=True),
    }
    for name, make in rules.items():
        constant(name, "Weight and bias after each of three steps.", optimized(make))
    lenet_step()
    print("}")


if __name__ == "__main__":
    main()
