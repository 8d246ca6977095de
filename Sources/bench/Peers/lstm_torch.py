"""The training step of `bench lstm` by PyTorch, as a peer: see peer.py.

Usage: lstm_torch.py THREADS RANKS eager|compiled SAMPLES LENGTH. The network is Lockstep's CharacterLSTM: two layers of 256 over
bytes.
"""

import sys

import torch_steps  # Before torch.

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, WIDTH = 256, 256


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.lstm = nn.LSTM(WIDTH, WIDTH, num_layers=2, batch_first=True)
        self.head = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens, labels):
        states, _ = self.lstm(self.embedding(tokens))
        return F.cross_entropy(self.head(states).flatten(0, 1), labels.flatten())


def make_optimizer(network):
    return torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1, fused=True)


def main():
    samples, length = map(int, sys.argv[4:6])

    def make_batches(rows):
        shape = (rows, length)
        return [(torch.randint(VOCABULARY, shape), torch.randint(VOCABULARY, shape)) for _ in range(16)]

    torch_steps.serve(samples, Network, make_optimizer, make_batches, torch_steps.own_loss)


if __name__ == "__main__":
    main()
