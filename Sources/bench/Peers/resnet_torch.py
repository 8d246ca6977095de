"""The training step of `bench resnet` by PyTorch, as a peer: see peer.py.

Usage: resnet_torch.py THREADS RANKS eager|channels-last|compiled SAMPLES. The network is ResNet-18 of He et al. (2015) with a
stem for images of 32 × 32.
"""

import sys

import peer
import torch_ranks

torch_ranks.start(rank_count=int(sys.argv[2]))

import torch
import torch.nn.functional as F
from torch import nn


def convolution(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3), nn.BatchNorm2d(width)
        self.down = None
        if stride > 1 or inputs != width:
            self.down = nn.Sequential(convolution(inputs, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.down is None else self.down(x)))


def make_network():
    blocks, inputs = [], 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            blocks.append(Block(inputs, width, 2 if block == 0 and stage > 0 else 1))
            inputs = width
    return nn.Sequential(
        convolution(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(512, 10),
    )  # fmt: skip


def main():
    threads, ranks = map(int, sys.argv[1:3])
    mode, samples = sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(threads)
    rank = torch_ranks.join(ranks)
    torch.manual_seed(rank)
    layout = torch.channels_last if mode == "channels-last" else torch.contiguous_format
    network = make_network().to(memory_format=layout)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)
    parameter_count = sum(parameter.numel() for parameter in network.parameters())
    model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if ranks > 1 else network
    if mode == "compiled":
        model = torch.compile(model)
    rows = samples // ranks
    batches = [
        (torch.randn(rows, 3, 32, 32).to(memory_format=layout), torch.randint(10, (rows,))) for _ in range(16)
    ]
    made = 0

    def step():
        nonlocal made
        images, labels = batches[made % len(batches)]
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        made += 1

    step()
    peer.serve_steps(step, parameter_count)


if __name__ == "__main__":
    main()
