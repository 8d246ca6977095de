"""Writes pictures as Pillow does; driven by DatasetsTests/PictureTests.swift.

    pictures.py DIR   writes PNG, JPEG, PPM and PGM files, and DIR/expected.json: for each the pixels that Pillow reads
"""

import json
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, PngImagePlugin

folder = sys.argv[1]
cases = []
y, x = np.mgrid[0:13, 0:22]
rgb = np.stack([x * 11, y * 19, (x * y) % 256], axis=-1).astype(np.uint8)
alpha = np.concatenate([rgb, ((x + y) * 7 % 256).astype(np.uint8)[..., None]], axis=-1)
grey = (x * 5 + y * 9).astype(np.uint8)


def save(name, image, **options):
    image.save(os.path.join(folder, name), **options)
    note(name)


def note(name):
    read = Image.open(os.path.join(folder, name)).convert("RGB")
    plain = np.asarray(read)
    cases.append({
        "file": name, "width": read.width, "height": read.height, "pixels": plain.reshape(-1).tolist(),
        "grey": np.asarray(read.convert("L")).reshape(-1).tolist(), "greyTolerance": 0})


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def save_deep(name, pixels, gamma=None):
    """A PNG of 16 bits a number, which Pillow does not write; it reads the upper 8."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, 2, 0, 0, 0)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        if gamma:
            out.write(chunk(b"gAMA", struct.pack(">I", gamma)))
        out.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    note(name)


def save_interlaced(name, pixels):
    """A PNG whose pixels come in seven passes, which Pillow does not write."""
    passes = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]
    rows = b"".join(
        b"\0" + row.tobytes() for top, down, left, right in passes for row in pixels[top::down, left::right] if row.size)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 1)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        out.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    note(name)


linear = PngImagePlugin.PngInfo()
linear.add(b"gAMA", struct.pack(">I", 100000))
printed = Image.fromarray(np.concatenate([rgb, 255 - grey[..., None]], axis=-1), "CMYK")
save_deep("deep.png", rgb.astype(np.uint16) * 257)
save_deep("deep-linear.png", rgb.astype(np.uint16) * 257, gamma=100000)
save("linear.png", Image.fromarray(rgb), pnginfo=linear)
save("printed.jpg", printed, quality=95)
save("rgb.png", Image.fromarray(rgb))
save("rgba.png", Image.fromarray(alpha))
save("grey.png", Image.fromarray(grey))
save("grey-alpha.png", Image.fromarray(np.stack([grey, 255 - grey], axis=-1), "LA"))
save("bits.png", Image.fromarray(grey > 100))
save("palette.png", Image.fromarray(rgb).quantize(16))
save("palette-clear.png", Image.fromarray(rgb).quantize(16), transparency=bytes(range(0, 256, 16)))
save_interlaced("interlaced.png", rgb)
save("high.jpg", Image.fromarray(rgb), quality=95, subsampling=0)
save("usual.jpg", Image.fromarray(rgb))
save("progressive.jpg", Image.fromarray(rgb), progressive=True)
save("grey.jpg", Image.fromarray(grey))
save("rgb.ppm", Image.fromarray(rgb))
save("grey.pgm", Image.fromarray(grey))

with open(os.path.join(folder, "expected.json"), "w") as out:
    json.dump(cases, out)
