"""Pictures with few colours as small PNGs: a byte a pixel and a list of at most 256 colours.

A drawing stored in full colour is three to five times as large, and notebooks hold many.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from jaxtyping import Bool, UInt8

COLOURS = 256


def pack(picture: UInt8[np.ndarray, "row column 3"], seen: Bool[np.ndarray, "row column"] | None = None) -> bytes:
    """An indexed PNG: exact up to 256 colours, else each of the others as the nearest of the 256 that matter most.

    seen: the pixels that are not transparent (all, if None).
    """
    red, green, blue = np.moveaxis(picture.astype(np.int32), 2, 0)
    codes = red << 16 | green << 8 | blue
    everywhere = np.ones(codes.shape, bool) if seen is None else seen
    found, which, often = np.unique(codes[everywhere], return_inverse=True, return_counts=True)
    all_colours = np.stack([found >> 16, found >> 8 & 255, found & 255], 1)
    colours, stands_for = _few(all_colours, often, COLOURS - (seen is not None))
    pixels = np.zeros(codes.shape, np.uint8)
    pixels[everywhere] = stands_for[which]
    transparent = []
    if seen is not None:
        pixels[~seen] = len(colours)
        transparent = [_chunk(b"tRNS", bytes([255] * len(colours) + [0]))]
        colours = np.concatenate([colours, np.zeros((1, 3), int)])
    header = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], 8, 3, 0, 0, 0)
    rows = np.pad(pixels, ((0, 0), (1, 0))).tobytes()  # each begins with its filter: none
    chunks = [
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", colours.astype(np.uint8).tobytes()),
        *transparent,
        _chunk(b"IDAT", zlib.compress(rows, 9)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _few(colours: np.ndarray, often: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most so many of these colours, (colour, 3), and which of them stands for each of all.

    The most used comes first, then always the one that is worst off: how far it is from those chosen, and how many pixels it
    has, which counts a little less than in proportion: the few of a thin line are seen, too.
    """
    if len(colours) <= most:
        return colours, np.arange(len(colours))
    weight = often**0.7
    chosen, which, off = [], np.zeros(len(colours), int), np.full(len(colours), 3 * 255**2 + 1)
    for n in range(most):
        chosen.append(int((off * weight).argmax()))
        distance = np.square(colours - colours[chosen[-1]]).sum(1)
        which[distance < off] = n
        off = np.minimum(off, distance)
    return colours[chosen], which


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
