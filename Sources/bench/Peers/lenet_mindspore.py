"""The training step of `bench lenet` by MindSpore in graph mode, as a peer: see peer.py.

Usage: lenet_mindspore.py SAMPLES. The network is that of MindSpore's tutorials; MindSpore chooses its threads, since it is
slower with those it is given.
"""

import sys

import peer
import mindspore
import numpy as np
from mindspore import nn


class LeNet5(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, pad_mode="valid")
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid")
        self.fc1 = nn.Dense(400, 120)
        self.fc2 = nn.Dense(120, 84)
        self.fc3 = nn.Dense(84, 10)
        self.relu = nn.ReLU()
        self.max_pool2d = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()

    def construct(self, x):
        x = self.max_pool2d(self.relu(self.conv1(x)))
        x = self.max_pool2d(self.relu(self.conv2(x)))
        x = self.relu(self.fc1(self.flatten(x)))
        return self.fc3(self.relu(self.fc2(x)))


def main():
    samples = int(sys.argv[1])
    mindspore.set_context(mode=mindspore.GRAPH_MODE, device_target="CPU")
    mindspore.set_seed(1)
    network = LeNet5()
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    optimizer = nn.Momentum(network.trainable_params(), learning_rate=0.01, momentum=0.9)
    train = nn.TrainOneStepCell(nn.WithLossCell(network, loss), optimizer)
    train.set_train()
    parameter_count = sum(parameter.size for parameter in network.trainable_params())
    random = np.random.default_rng(1)
    batches = [
        (
            mindspore.Tensor(random.standard_normal((samples, 1, 32, 32), np.float32)),
            mindspore.Tensor(random.integers(10, size=samples).astype(np.int32)),
        )
        for _ in range(16)
    ]
    made = 0

    def step():
        nonlocal made
        # A result that nobody looks at may still be under way.
        train(*batches[made % len(batches)]).asnumpy()
        made += 1

    step()
    peer.serve_steps(step, parameter_count)


if __name__ == "__main__":
    main()
