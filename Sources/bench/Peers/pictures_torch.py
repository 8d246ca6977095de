"""The training steps of `bench resnet` and `bench networks` by PyTorch, as a peer: see peer.py.

Usage: pictures_torch.py THREADS RANKS eager|channels-last|compiled NETWORK SAMPLES. The networks are those of
picture_networks.py.
"""

import sys

import torch_steps  # Before torch.

import torch

import picture_networks


def make_optimizer(name, network):
    if name == "vit":
        return torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)


def main():
    name, samples = sys.argv[4], int(sys.argv[5])
    layout = torch.channels_last if torch_steps.MODE == "channels-last" else torch.contiguous_format

    def make_network():
        return picture_networks.make(name).to(memory_format=layout)

    def make_batches(rows):
        label = (rows, 32, 32) if name == "unet" else (rows,)
        return [(torch.randn(rows, 3, 32, 32).to(memory_format=layout), torch.randint(10, label)) for _ in range(16)]

    torch_steps.serve(
        samples, make_network, lambda network: make_optimizer(name, network), make_batches, torch_steps.cross_entropy
    )


if __name__ == "__main__":
    main()
