"""The training step of `bench lstm` by PyTorch, as a peer: see peer.py.

Usage: lstm_torch.py THREADS RANKS eager|compiled SAMPLES LENGTH. The network is Lockstep's CharacterLSTM: two layers of 256 over
bytes.
"""

import sys

import peer
import torch_ranks

torch_ranks.start(rank_count=int(sys.argv[2]))

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


def main():
    threads, ranks = map(int, sys.argv[1:3])
    mode, samples, length = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    torch.set_num_threads(threads)
    rank = torch_ranks.join(ranks)
    torch.manual_seed(rank)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1, fused=True)
    parameter_count = sum(parameter.numel() for parameter in network.parameters())
    model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if ranks > 1 else network
    if mode == "compiled":
        model = torch.compile(model)
    rows = samples // ranks
    batches = [
        (torch.randint(VOCABULARY, (rows, length)), torch.randint(VOCABULARY, (rows, length))) for _ in range(16)
    ]
    made = 0

    def step():
        nonlocal made
        model(*batches[made % len(batches)]).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        made += 1

    step()
    peer.serve_steps(step, parameter_count)


if __name__ == "__main__":
    main()
