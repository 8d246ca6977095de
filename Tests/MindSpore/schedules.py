"""Prints learning rates of real MindSpore; driven by NetworksTests/LearningRateScheduleTests.swift.

    schedules.py FILE   writes FILE: {name: [rate of each step]}
"""

import json
import os
import sys

os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import nn

steps = 24
rates = {
    "exponential_decay_lr": nn.exponential_decay_lr(0.1, 0.9, steps, 4, 2),
    "exponential_decay_lr stair": nn.exponential_decay_lr(0.1, 0.9, steps, 4, 2, True),
    "natural_exp_decay_lr": nn.natural_exp_decay_lr(0.1, 0.3, steps, 4, 2),
    "natural_exp_decay_lr stair": nn.natural_exp_decay_lr(0.1, 0.3, steps, 4, 2, True),
    "inverse_decay_lr": nn.inverse_decay_lr(0.1, 0.5, steps, 4, 2),
    "inverse_decay_lr stair": nn.inverse_decay_lr(0.1, 0.5, steps, 4, 2, True),
    "cosine_decay_lr": nn.cosine_decay_lr(0.01, 0.1, steps, 4, 4),
    "polynomial_decay_lr": nn.polynomial_decay_lr(0.1, 0.01, steps, 4, 3, 0.5),
    "piecewise_constant_lr": nn.piecewise_constant_lr([2, 5, 10], [0.1, 0.05, 0.01]),
}
classes = {
    "ExponentialDecayLR": nn.ExponentialDecayLR(0.1, 0.9, 4),
    "ExponentialDecayLR stair": nn.ExponentialDecayLR(0.1, 0.9, 4, True),
    "NaturalExpDecayLR": nn.NaturalExpDecayLR(0.1, 0.1, 4),
    "NaturalExpDecayLR stair": nn.NaturalExpDecayLR(0.1, 0.1, 4, True),
    "InverseDecayLR": nn.InverseDecayLR(0.1, 0.9, 4),
    "CosineDecayLR": nn.CosineDecayLR(0.01, 0.1, 10),
    "PolynomialDecayLR": nn.PolynomialDecayLR(0.1, 0.01, 10, 2.0),
    "PolynomialDecayLR cycles": nn.PolynomialDecayLR(0.1, 0.01, 7, 0.5, True),
}
for name, schedule in classes.items():
    rates[name] = [float(schedule(ms.Tensor(step, ms.int32)).asnumpy()) for step in range(steps)]
with open(sys.argv[1], "w") as out:
    json.dump(rates, out)
