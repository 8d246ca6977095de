"""Saves and loads checkpoints with the libraries of others; driven by `bench checkpoint` (PeerProcess.swift).

A peer as peer.py has them; it says of itself the names of the libraries that are installed. It answers "save PEER PATH" and
"load PEER PATH", parts separated by tabs, with seconds and extra bytes of memory at the peak.
"""

import contextlib
import importlib
import time

import numpy as np
import peer

TENSORS = {f"tensor_{i}": np.full((2500, 2500), i + 0.5, np.float32) for i in range(16)}
BYTE_COUNT = sum(tensor.nbytes for tensor in TENSORS.values())
KEY = bytes(range(32))


def torch_peer(torch):
    tensors = {name: torch.from_numpy(tensor) for name, tensor in TENSORS.items()}
    return lambda path: torch.save(tensors, path), torch.load


def safetensors_peer(numpy):
    return lambda path: numpy.save_file(TENSORS, path), numpy.load_file


def mindspore_peer(mindspore, save_options={}, load_options={}):
    tensors = [{"name": name, "data": mindspore.Tensor(tensor)} for name, tensor in TENSORS.items()]
    return (
        lambda path: mindspore.save_checkpoint(tensors, path, **save_options),
        lambda path: mindspore.load_checkpoint(path, **load_options),
    )


def encrypted_mindspore_peer(mindspore):
    mode = "AES-GCM"
    return mindspore_peer(mindspore, {"enc_key": KEY, "enc_mode": mode}, {"dec_key": KEY, "dec_mode": mode})


def installed_peers():
    """Returns the functions to save and to load by peer."""
    makers = {
        "torch": ("torch", torch_peer),
        "safetensors": ("safetensors.numpy", safetensors_peer),
        "MindSpore": ("mindspore", mindspore_peer),
        "MindSpore AES-GCM": ("mindspore", encrypted_mindspore_peer),
    }
    peers = {}
    for name, (module, maker) in makers.items():
        with contextlib.suppress(ImportError):
            peers[name] = maker(importlib.import_module(module))
    return peers


def measure(action, path, delivered):
    # 5 sets the peak, VmHWM, back to what is in use.
    with open("/proc/self/clear_refs", "w") as references:
        references.write("5")
    before = peer.memory("VmRSS:")
    start = time.perf_counter()
    result = action(path)
    seconds = time.perf_counter() - start
    extra = peer.memory("VmHWM:") - before - delivered
    del result
    return seconds, max(0, extra)


def main():
    peers = installed_peers()

    def respond(command, name, path):
        save, load = peers[name]
        return measure(save, path, 0) if command == "save" else measure(load, path, BYTE_COUNT)

    peer.serve(respond, *peers)


if __name__ == "__main__":
    main()
