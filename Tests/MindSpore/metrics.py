"""Measures with real MindSpore's metrics; driven by TrainingTests/Metrics/MetricTests.swift.

    metrics.py DIR   writes DIR/logits.npy [120, 5], labels.npy [120], answers.npy and targets.npy [60, 3], and
                     DIR/expected.json: what the metrics say, over batches of 30 or 15
"""

import json
import os
import sys

os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
import numpy as np
from mindspore import train

folder = sys.argv[1]
random = np.random.default_rng(7)
logits = random.normal(size=(120, 5)).astype(np.float32)
labels = random.integers(0, 4, 120).astype(np.int32)
logits[np.arange(120), labels] += 0.8
answers = random.normal(size=(60, 3)).astype(np.float32)
targets = (answers + random.normal(size=(60, 3))).astype(np.float32)
for name, array in {"logits": logits, "labels": labels, "answers": answers, "targets": targets}.items():
    np.save(os.path.join(folder, name + ".npy"), array)
shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def measure(metric, outputs, wanted, batch, **options):
    for start in range(0, len(outputs), batch):
        metric.update(ms.Tensor(outputs[start:start + batch]), ms.Tensor(wanted[start:start + batch]))
    return np.asarray(metric.eval(**options)).reshape(-1).tolist()


expected = {
    "accuracy": measure(train.Accuracy(), logits, labels, 30),
    "top1": measure(train.Top1CategoricalAccuracy(), logits, labels, 30),
    "top3": measure(train.TopKCategoricalAccuracy(3), logits, labels, 30),
    "precision": measure(train.Precision(), logits, labels, 30),
    "precision mean": measure(train.Precision(), logits, labels, 30, average=True),
    "recall": measure(train.Recall(), logits, labels, 30),
    "recall mean": measure(train.Recall(), logits, labels, 30, average=True),
    "f1": measure(train.F1(), logits, labels, 30),
    "f1 mean": measure(train.F1(), logits, labels, 30, average=True),
    "fbeta": measure(train.Fbeta(2.0), logits, labels, 30),
    "perplexity": measure(train.Perplexity(), shares, labels, 30),
    "perplexity without 2": measure(train.Perplexity(ignore_label=2), shares, labels, 30),
    "mae": measure(train.MAE(), answers, targets, 15),
    "mse": measure(train.MSE(), answers, targets, 15),
}
for normalize in ["no_norm", "target", "prediction", "all"]:
    matrix = train.ConfusionMatrix(5, normalize)
    expected["matrix " + normalize] = measure(matrix, logits, labels, 30)
with open(os.path.join(folder, "expected.json"), "w") as out:
    json.dump(expected, out)
