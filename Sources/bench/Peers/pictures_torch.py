"""The training steps of `bench resnet` and `bench networks` by PyTorch, as a peer: see peer.py.

Usage: pictures_torch.py THREADS RANKS eager|channels-last|compiled NETWORK SAMPLES. The networks are those of
picture_networks.py.
"""

import sys

import peer
import torch_ranks

torch_ranks.start(rank_count=int(sys.argv[2]))

import torch
import torch.nn.functional as F
from torch import nn

import picture_networks


def make_optimizer(name, network):
    if name == "vit":
        return torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)


def main():
    threads, ranks = map(int, sys.argv[1:3])
    mode, name, samples = sys.argv[3], sys.argv[4], int(sys.argv[5])
    torch.set_num_threads(threads)
    rank = torch_ranks.join(ranks)
    torch.manual_seed(rank)
    layout = torch.channels_last if mode == "channels-last" else torch.contiguous_format
    network = picture_networks.make(name).to(memory_format=layout)
    optimizer = make_optimizer(name, network)
    parameter_count = sum(parameter.numel() for parameter in network.parameters())
    model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if ranks > 1 else network
    if mode == "compiled":
        model = torch.compile(model)
    rows = samples // ranks
    label = (rows, 32, 32) if name == "unet" else (rows,)
    batches = [
        (torch.randn(rows, 3, 32, 32).to(memory_format=layout), torch.randint(10, label)) for _ in range(16)
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
