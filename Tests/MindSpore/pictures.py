"""Writes pictures as Pillow does; driven by DatasetsTests/PictureTests.swift.

    pictures.py DIR   writes PNG, JPEG, PPM and PGM files, and DIR/expected.json: for each the pixels that Pillow reads
"""

import json
import os
import sys

import numpy as np
from PIL import Image

folder = sys.argv[1]
cases = []
y, x = np.mgrid[0:13, 0:22]
rgb = np.stack([x * 11, y * 19, (x * y) % 256], axis=-1).astype(np.uint8)
alpha = np.concatenate([rgb, ((x + y) * 7 % 256).astype(np.uint8)[..., None]], axis=-1)
grey = (x * 5 + y * 9).astype(np.uint8)


def save(name, image, **options):
    image.save(os.path.join(folder, name), **options)
    read = Image.open(os.path.join(folder, name)).convert("RGB")
    plain = np.asarray(read)
    cases.append({
        "file": name, "width": read.width, "height": read.height, "pixels": plain.reshape(-1).tolist(),
        "grey": np.asarray(read.convert("L")).reshape(-1).tolist(), "greyTolerance": 0})


save("rgb.png", Image.fromarray(rgb))
save("rgba.png", Image.fromarray(alpha))
save("grey.png", Image.fromarray(grey))
save("grey-alpha.png", Image.fromarray(np.stack([grey, 255 - grey], axis=-1), "LA"))
save("bits.png", Image.fromarray(grey > 100))
save("palette.png", Image.fromarray(rgb).quantize(16))
save("high.jpg", Image.fromarray(rgb), quality=95, subsampling=0)
save("usual.jpg", Image.fromarray(rgb))
save("progressive.jpg", Image.fromarray(rgb), progressive=True)
save("grey.jpg", Image.fromarray(grey))
save("rgb.ppm", Image.fromarray(rgb))
save("grey.pgm", Image.fromarray(grey))

with open(os.path.join(folder, "expected.json"), "w") as out:
    json.dump(cases, out)
