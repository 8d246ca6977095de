"""The training step of `bench gpt` by PyTorch, as a peer: see peer.py.

Usage: gpt_torch.py THREADS RANKS eager|compiled SAMPLES LAYERS WIDTH HEADS LENGTH VOCABULARY. SAMPLES are those of all
ranks. The network is that of Lockstep's GPT without dropout; attention is PyTorch's fused one, AdamW its fused one.
"""

import sys

import torch_steps  # Before torch.

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.projection = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x):
        samples, length, width = x.shape
        parts = self.projection(self.norm1(x)).view(samples, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.output(attended.transpose(1, 2).reshape(samples, length, width))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, layers, width, heads, length, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.empty(length, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for table in (self.tokens.weight, self.positions):
            nn.init.normal_(table, std=0.02)

    def forward(self, tokens, labels):
        x = self.tokens(tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten())


def make_optimizer(network):
    """AdamW as Lockstep's: weight decay for matrices alone."""
    parameters = list(network.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-3, fused=True)


def make_batches(samples, length, vocabulary):
    generator = torch.Generator().manual_seed(1)
    rows = [torch.randint(vocabulary, (samples, length + 1), generator=generator) for _ in range(16)]
    return [(batch[:, :-1].contiguous(), batch[:, 1:].contiguous()) for batch in rows]


def main():
    samples, layers, width, heads, length, vocabulary = map(int, sys.argv[4:])
    torch_steps.serve(
        samples,
        lambda: GPT(layers, width, heads, length, vocabulary),
        make_optimizer,
        lambda rows: make_batches(rows, length, vocabulary),
        torch_steps.own_loss,
        # Messages of 4 MiB begin to travel while the backward pass goes on; one of 25 MiB, the default, would hold all.
        bucket_cap_mb=4,
    )


if __name__ == "__main__":
    main()
