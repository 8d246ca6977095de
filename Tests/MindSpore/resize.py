"""Resizes a picture with real MindSpore; driven by DatasetsTests/TransformTests.swift.

    resize.py DIR   writes DIR/source.npy [1, 3, 13, 22] and, for each size, DIR/HxW.npy [1, 3, H, W]
"""

import os
import sys

os.environ.setdefault("GLOG_v", "3")

import mindspore.dataset.vision as vision
import numpy as np

folder = sys.argv[1]
y, x = np.mgrid[0:13, 0:22]
picture = np.stack([np.sin(x * 0.7), np.cos(y * 0.9), (x * y) % 7 / 7], axis=-1).astype(np.float32)
np.save(os.path.join(folder, "source.npy"), picture.transpose(2, 0, 1)[None])
for size in [(7, 9), (20, 30), (13, 22), (5, 40), (1, 1)]:
    resized = vision.Resize(size, vision.Inter.BILINEAR)(picture)
    np.save(os.path.join(folder, f"{size[0]}x{size[1]}.npy"), resized.transpose(2, 0, 1)[None].astype(np.float32))
