"""The training step of `bench lenet` by PyTorch, as a peer: see peer.py.

Usage: lenet_torch.py THREADS RANKS eager|compiled SAMPLES. SAMPLES are those of all ranks. The network is that of
MindSpore's tutorials: convolutions without bias.
"""

import sys

import peer
import torch_ranks

torch_ranks.start(rank_count=int(sys.argv[2]))

import torch
import torch.nn.functional as F
from torch import nn


def make_network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5, bias=False), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def main():
    threads, ranks = map(int, sys.argv[1:3])
    mode, samples = sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(threads)
    rank = torch_ranks.join(ranks)
    torch.manual_seed(rank)
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)
    parameter_count = sum(parameter.numel() for parameter in network.parameters())
    model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if ranks > 1 else network
    if mode == "compiled":
        model = torch.compile(model)
    rows = samples // ranks
    batches = [(torch.randn(rows, 1, 32, 32), torch.randint(10, (rows,))) for _ in range(16)]
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
