"""What the training steps of all networks by PyTorch have in common: threads, ranks, compiling, the loop.

Import it before torch: it starts the other ranks first, so that all import torch at the same time. The first three arguments of a
script are THREADS RANKS eager|compiled, or another mode that the script knows.
"""

import sys

import peer
import torch_ranks

torch_ranks.start(rank_count=int(sys.argv[2]))

import torch
from torch import nn

MODE = sys.argv[3]


def serve(samples, make_network, make_optimizer, make_batches, loss, **over_ranks):
    """Serves steps of `samples` samples of all ranks.

    `make_batches(rows)` makes the batches of a rank, pairs of inputs and labels; `loss(model, inputs, labels)` is that of one.
    `over_ranks` are settings of DistributedDataParallel.
    """
    threads, ranks = map(int, sys.argv[1:3])
    torch.set_num_threads(threads)
    rank = torch_ranks.join(ranks)
    torch.manual_seed(rank)
    network = make_network()
    optimizer = make_optimizer(network)
    parameter_count = sum(parameter.numel() for parameter in network.parameters())
    model = network
    if ranks > 1:
        model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True, **over_ranks)
    if MODE == "compiled":
        model = torch.compile(model)
    batches = make_batches(samples // ranks)
    made = 0

    def step():
        nonlocal made
        loss(model, *batches[made % len(batches)]).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        made += 1

    step()
    peer.serve_steps(step, parameter_count)


def cross_entropy(model, inputs, labels):
    """The loss of a model that gives logits."""
    return nn.functional.cross_entropy(model(inputs), labels)


def own_loss(model, inputs, labels):
    """The loss that the model computes itself."""
    return model(inputs, labels)
