"""Exchanges checkpoint files with real MindSpore; driven by MindSporeExchangeTests.swift.

    exchange.py read DIR    loads the files that DIR/files.json names and compares them with what stands there
    exchange.py write DIR   writes files and DIR/files.json

files.json is a list of {"path", "crc", "mode", "key_hex", "entries": [{"name", "dtype", "shape", "hex" or "text" or
"parts" or "fill" (the value of every byte)}]}; mode and key_hex are missing for plain files.
"""

import json
import os
import sys

# MindSpore's loader and the note in its log about a missing device say more than a test needs.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np

MODES = {"AES-GCM": (16, 24, 32), "AES-CBC": (16, 24, 32), "SM4-CBC": (16,)}


def compare(entry, value):
    """Returns what is wrong with a loaded value, or None."""
    if "parts" in entry:
        found = [(str(part.dtype), list(part.shape), part.tobytes().hex()) for part in value]
        expected = [(part["dtype"], part["shape"], part["hex"]) for part in entry["parts"]]
        return None if found == expected else f"is {found}, not {expected}"
    if "text" in entry:
        return None if value == entry["text"] else f"is {value!r}, not {entry['text']!r}"
    if str(value.dtype) != entry["dtype"]:
        return f"has the type {value.dtype}, not {entry['dtype']}"
    array = value.asnumpy()
    if list(array.shape) != entry["shape"]:
        return f"has the shape {list(array.shape)}, not {entry['shape']}"
    found = array.tobytes()
    expected = bytes.fromhex(entry["hex"]) if "hex" in entry else bytes([entry["fill"]]) * len(found)
    return None if found == expected else "has other contents"


def read(directory):
    """Compares the files of others with their description; returns the number of mistakes."""
    mistakes = 0
    for case in load_cases(directory):
        path = os.path.join(directory, case["path"])
        arguments = {"format": path.rsplit(".", 1)[1], "crc_check": bool(case.get("crc"))}
        if "mode" in case:
            arguments |= {"dec_key": bytes.fromhex(case["key_hex"]), "dec_mode": case["mode"]}
        try:
            loaded = ms.load_checkpoint(path, **arguments)
        except (ValueError, RuntimeError, TypeError, KeyError) as error:
            print(f"{case['path']}: MindSpore cannot load it: {error}")
            mistakes += 1
            continue
        names = [entry["name"] for entry in case["entries"]]
        if sorted(loaded) != sorted(names):
            print(f"{case['path']}: MindSpore finds {sorted(loaded)}")
            mistakes += 1
            continue
        for entry in case["entries"]:
            wrong = compare(entry, loaded[entry["name"]])
            if wrong:
                print(f"{case['path']}: {entry['name']} {wrong}")
                mistakes += 1
    return mistakes


def load_cases(directory):
    with open(os.path.join(directory, "files.json"), encoding="utf-8") as file:
        return json.load(file)


def tensors():
    """Tensors of every type MindSpore can save and load again."""
    names = [
        "bool_", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
        "float16", "bfloat16", "float32", "float64",
    ]
    for name in names:
        dtype = getattr(ms, name)
        values = np.arange(6).reshape(2, 3) - (2 if name[0] not in "ub" else 0)
        for shape, array in (("matrix", values), ("row", values[0]), ("scalar", np.array(1))):
            yield f"{name}.{shape}", ms.Tensor(array.astype(np.float32), ms.float32).astype(dtype)


def describe(name, value):
    if isinstance(value, str):
        return {"name": name, "dtype": "str", "text": value}
    array = value.asnumpy()
    return {"name": name, "dtype": str(value.dtype), "shape": list(array.shape), "hex": array.tobytes().hex()}


def write(directory):
    """Writes files for others to read."""
    every = dict(tensors())
    extra = {
        "epoch_num": ms.Tensor(3, ms.int64),
        "loss_scale": ms.Tensor(0.1, ms.float32),
        "flag": ms.Tensor(True, ms.bool_),
        "note": "h\u00e9llo \U0001F600",
    }
    python = {"epoch_num": 3, "loss_scale": 0.1, "flag": True, "note": extra["note"]}
    without_bfloat16 = {name: value for name, value in every.items() if "bfloat16" not in name}
    cases = []

    def save(path, values, description, **arguments):
        parameters = [{"name": name, "data": value} for name, value in values.items()]
        target = os.path.join(directory, path)
        ms.save_checkpoint(parameters, target, format=path.rsplit(".", 1)[1], **arguments)
        entries = [describe(name, value) for name, value in (values | description).items()]
        case = {"path": path, "entries": entries}
        if "crc_check" in arguments:
            case["crc"] = 1
        if "enc_key" in arguments:
            case |= {"mode": arguments["enc_mode"], "key_hex": arguments["enc_key"].hex()}
        cases.append(case)

    save("types.ckpt", every, {})
    save("types-crc.ckpt", every, extra, append_dict=python, crc_check=True)
    save("types.safetensors", every, {})
    save("types-crc.safetensors", without_bfloat16, {}, crc_check=True)
    for mode, lengths in MODES.items():
        for length in lengths:
            save(f"{mode}-{length}.ckpt", every, extra, append_dict=python, enc_key=os.urandom(length), enc_mode=mode)
    with open(os.path.join(directory, "files.json"), "w", encoding="utf-8") as file:
        json.dump(cases, file)
    return 0


if __name__ == "__main__":
    sys.exit(1 if {"read": read, "write": write}[sys.argv[1]](sys.argv[2]) else 0)
