"""Matrix products by PyTorch on one thread, as a peer of `bench matmul`: see peer.py.

Answers "M N K FORM CALLS", parts separated by tabs, with the seconds of processor time of one product; FORM has an A if
the first matrix is stored transposed, and a B if the second is.
"""

import functools
import time

import peer
import torch


@functools.lru_cache(maxsize=1)
def matrices(m, n, k, form):
    a = torch.rand(k, m).t() if "A" in form else torch.rand(m, k)
    b = torch.rand(n, k).t() if "B" in form else torch.rand(k, n)
    return a, b, torch.empty(m, n)


def respond(m, n, k, form, calls):
    a, b, c = matrices(int(m), int(n), int(k), form)
    start = time.process_time()
    for _ in range(int(calls)):
        torch.mm(a, b, out=c)
    return ((time.process_time() - start) / int(calls),)


if __name__ == "__main__":
    torch.set_num_threads(1)
    peer.serve(respond)
