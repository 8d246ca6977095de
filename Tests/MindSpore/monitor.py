"""MindFormers' own CheckpointMonitor and resume functions, as judges of Lockstep's; driven by MindFormersTests.swift.

    monitor.py DIR

DIR/scenarios.json is a list of {"name", "ranks", "runs", "foreign", "resumes", …}; Lockstep has made the runs of each in
DIR/ours/<name>. The script makes them in DIR/theirs/<name>, compares all files, lets MindFormers find in each of our
folders what to carry on from, and writes {name: [what differs]} to DIR/differences.json. Where "continues" is true, a run of
MindFormers' follows in our folder.

MindFormers is not in the environment of MindSpore: it lies beside it, in mindformers-site (see launch/test).
"""

import json
import os
import shutil
import stat
import sys
import threading
from pathlib import Path

# The note in MindSpore's log about a missing device says more than a test needs.
os.environ.setdefault("GLOG_v", "3")
site = Path(sys.prefix) / "mindformers-site"
if not (site / "requirements.txt").exists():
    sys.exit(f"MindFormers is not in {site}; launch/test installs it")
sys.path.insert(0, str(site))
work = Path(sys.argv[1])
# MindFormers logs below this, and its ranks tell each other there what to carry on from.
os.environ["LOCAL_DEFAULT_PATH"] = str(work / "output")
os.chdir(work)

import logging

import mindspore as ms
import numpy as np
from mindformers.core.callback import callback as monitors
from mindformers.tools import resume_ckpt
from mindformers.utils import resume_ckpt_utils
from mindspore import nn
from mindspore.train import Callback, Model
from mindspore.train.callback import _checkpoint as checkpoints

logging.disable(logging.CRITICAL)
# Its ranks look one after the other here, in one process: none waits for another.
resume_ckpt.barrier_world = lambda *_: None
ms.set_context(mode=ms.PYNATIVE_MODE, device_target="CPU")


class Network(nn.Cell):
    """A dense layer, and a parameter that training does not change."""

    def __init__(self):
        super().__init__()
        self.offset = ms.Parameter(ms.Tensor(np.zeros(2, np.float32)), requires_grad=False)
        self.dense = nn.Dense(2, 2)

    def construct(self, x):
        return self.dense(x) + self.offset


class Other(nn.Cell):
    """A network that is saved and not trained."""

    def __init__(self):
        super().__init__()
        self.head = nn.Dense(2, 3)

    def construct(self, x):
        return self.head(x)


class Clock:
    """Stands in for the module `time` where savings and keepings look at it."""

    def __init__(self):
        self.now = 1_000_000_000.0

    def time(self):
        return self.now


class Driver(Callback):
    """Lets time pass before each step, dates the files of a step, and raises in one."""

    def __init__(self, run, clock, folder):
        super().__init__()
        self.run, self.clock, self.folder, self.known = run, clock, folder, set()

    def on_train_step_begin(self, run_context):
        self.clock.now += self.run["seconds_per_step"]

    def on_train_step_end(self, run_context):
        # What is saved in the background is dated when it has its name, not while a step overtakes it.
        for thread in threading.enumerate():
            if thread.name == "asyn_save_ckpt":
                thread.join()
        for path in set(self.folder.rglob("*.*")) - self.known:
            self.known.add(path)
            os.utime(path, (self.clock.now, self.clock.now))
        if run_context.original_args().cur_step_num == self.run.get("raises_after_step"):
            raise RuntimeError("asked for")


def append_info(run):
    """The values that Lockstep appends under the same word."""
    return {
        "default": None,
        "counters": ["epoch_num", "step_num"],
        "usual": [{"epoch_num": 0, "step_num": 0, "global_step": 0, "loss_scale": 1}],
        "values": [
            {
                "epoch_num": 0,
                "step_num": 0,
                "batch": 32,
                "scale": 0.5,
                "warm": True,
                "note": "as \"is\"",
                "table": ms.Tensor([[0.0, 1.0], [2.0, 3.0]], ms.float32),
                "own": ms.Parameter(ms.Tensor([7], ms.int64), name="own"),
            }
        ],
    }[run["append"]]


def train(run, folder):
    """One run with MindFormers' monitor."""
    clock = Clock()
    monitors.time = checkpoints.time = clock
    network = Network()
    inputs = np.random.rand(run["steps_per_epoch"] * 4, 2).astype(np.float32)
    data = ms.dataset.NumpySlicesDataset((inputs, inputs), ["x", "y"], shuffle=False).batch(4)
    model = Model(network, nn.MSELoss(), nn.Momentum(network.trainable_params(), 0.1, 0.9))
    monitor = monitors.CheckpointMonitor(
        prefix=run["prefix"],
        directory=str(folder),
        save_checkpoint_steps=run["save_checkpoint_steps"],
        save_checkpoint_seconds=run["save_checkpoint_seconds"],
        keep_checkpoint_max=run["keep_checkpoint_max"],
        keep_checkpoint_per_n_minutes=run["keep_checkpoint_per_n_minutes"],
        save_network_params=run["save_network_params"],
        save_trainable_params=run["save_trainable_params"],
        async_save=run["async_save"],
        saved_network={None: None, "other": Other(), "part": network.dense}[run.get("saved_network")],
        append_info=append_info(run),
        exception_save=run["exception_save"],
        global_batch_size=run.get("global_batch_size"),
        checkpoint_format=run["checkpoint_format"],
    )
    try:
        model.train(
            run["epochs"], data, callbacks=[monitor, Driver(run, clock, folder)], dataset_sink_mode=False
        )
    except RuntimeError as error:
        if str(error) != "asked for":
            raise


def be_rank(rank, ranks):
    """Makes MindFormers believe that it is this rank."""
    os.environ["RANK_ID"], os.environ["RANK_SIZE"] = str(rank), str(ranks)


def write_foreign(scenario, folder):
    """Files of somebody else that lie there before the first run."""
    for path in scenario["foreign"]:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("somebody's")


def files(folder):
    """All files of the monitor, by their paths."""
    found = {}
    for part in ("checkpoint", "checkpoint_network", "checkpoint_trainable"):
        for path in (folder / part).glob("rank_*/*"):
            if not path.name.startswith("."):
                found[str(path.relative_to(folder))] = path
    return found


def plain(value):
    """A value of a checkpoint that is no parameter of a network, as text."""
    return value if isinstance(value, str) else f"{value.dtype}{list(value.shape)} {value.asnumpy().tolist()}"


def contents(path):
    """What a checkpoint holds: the names in order, and for each its type, with the value where it is a small one."""
    loaded = ms.load_checkpoint(str(path), format=path.suffix[1:])
    names = sorted(loaded) if path.suffix == ".safetensors" else list(loaded)
    values = {}
    for name in names:
        value = loaded[name]
        is_counter = isinstance(value, str) or value.size == 1
        values[name] = plain(value) if is_counter else f"{value.dtype}{list(value.shape)}"
    return names, values


def compare(path, ours, theirs, scenario):
    """Yields what is different about a file."""
    if stat.S_IMODE(ours.stat().st_mode) != stat.S_IMODE(theirs.stat().st_mode):
        yield f"{path} has the mode {ours.stat().st_mode:o}, theirs {theirs.stat().st_mode:o}"
    if path in scenario["foreign"] or path.endswith(".json"):
        if ours.read_bytes() != theirs.read_bytes():
            yield f"{path} is {ours.read_bytes()}, theirs {theirs.read_bytes()}"
        return
    (our_names, our_values), (their_names, their_values) = contents(ours), contents(theirs)
    if our_names != their_names:
        yield f"{path} holds {our_names}, theirs {their_names}"
        return
    for name, value in our_values.items():
        if value != their_values[name]:
            yield f"{path}: {name} is {value}, theirs {their_values[name]}"


def judge_files(scenario):
    """Makes MindFormers' runs and yields what is different."""
    ours, theirs = work / "ours" / scenario["name"], work / "theirs" / scenario["name"]
    write_foreign(scenario, theirs)
    for run in scenario["runs"]:
        for rank in range(scenario["ranks"]):
            be_rank(rank, scenario["ranks"])
            train(run, theirs)
    ms.async_ckpt_thread_status() and ms.train.serialization._wait_async_thread_save_ckpt()
    our_files, their_files = files(ours), files(theirs)
    if sorted(our_files) != sorted(their_files):
        yield f"ours alone: {sorted(set(our_files) - set(their_files))}"
        yield f"theirs alone: {sorted(set(their_files) - set(our_files))}"
    for path in sorted(set(our_files) & set(their_files)):
        # Of saves in the background theirs may name an older one: whether it does depends on the time they take.
        if path.endswith("meta.json") and scenario["runs"][-1]["async_save"]:
            continue
        yield from compare(path, our_files[path], their_files[path], scenario)


def judge_resuming(scenario):
    """Yields what is wrong when each rank of MindFormers' looks in our folder for what to carry on from."""
    folder = work / "ours" / scenario["name"] / "checkpoint"
    kind = scenario["format"]
    for rank in range(scenario["ranks"]):
        be_rank(rank, scenario["ranks"])
        meta = json.loads((folder / f"rank_{rank}" / "meta.json").read_text())
        expected = str(folder / f"rank_{rank}" / meta["last_ckpt_file"])
        try:
            found = resume_ckpt_utils.get_resume_checkpoint(str(folder), True, kind)
            named = resume_ckpt_utils.get_resume_checkpoint(str(folder), meta["last_ckpt_file"], kind)
            if (found, named) != (expected, expected):
                yield f"rank {rank} finds {found}, and by its name {named}, not {expected}"
            state = resume_ckpt_utils.load_resume_checkpoint(found, scenario["remove_redundancy"], kind)
        except (ValueError, RuntimeError, FileNotFoundError) as error:
            yield f"rank {rank} finds nothing: {error}"
            continue
        counters = [int(state[name]) for name in ("epoch_num", "step_num")]
        if counters[0] != meta["last_epoch"]:
            yield f"rank {rank} carries on after {counters}, meta.json says {meta}"


def main():
    scenarios = json.loads((work / "scenarios.json").read_text())
    differences = {}
    for scenario in scenarios:
        found = list(judge_files(scenario)) if scenario["is_compared"] else []
        found += list(judge_resuming(scenario)) if scenario["resumes"] else []
        if scenario["continues"]:
            be_rank(0, 1)
            train(scenario["runs"][0], work / "ours" / scenario["name"])
        differences[scenario["name"]] = found
    (work / "differences.json").write_text(json.dumps(differences))


if __name__ == "__main__":
    main()
