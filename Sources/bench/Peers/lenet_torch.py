"""The training step of `bench lenet` by PyTorch, as a peer: see peer.py.

Usage: lenet_torch.py THREADS RANKS eager|compiled SAMPLES. SAMPLES are those of all ranks. The network is that of
MindSpore's tutorials: convolutions without bias.
"""

import sys

import torch_steps  # Before torch.

import torch
from torch import nn


def make_network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5, bias=False), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def make_optimizer(network):
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)


def make_batches(rows):
    return [(torch.randn(rows, 1, 32, 32), torch.randint(10, (rows,))) for _ in range(16)]


if __name__ == "__main__":
    torch_steps.serve(int(sys.argv[4]), make_network, make_optimizer, make_batches, torch_steps.cross_entropy)
