"""Levels as bytes: several rows in a byte where levels are few, then deflated.

Rows stand in their order from the lowest bit of each byte. Deflate's Huffman codes come near the entropy of values
in no order, which is all that can be had; its search for repeats pays where rows are sorted. Which of both a
column gets is found out on a part of it.
"""

from __future__ import annotations

import dataclasses
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.explore.levels import Codes

_WINDOW = 15
_MEMORY = 9
_LEVEL = 6
_GAIN = 0.97
"""The search for repeats is slower by far: it has to save this much."""


@dataclasses.dataclass(frozen=True)
class Coder:
    """How one column is written: bits for each row (1, 2, 4 or 8) and deflate's strategy."""

    bits: int
    strategy: int

    def coded(self, codes: Codes) -> bytes:
        """The levels packed and deflated (zlib's format)."""
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, self.strategy)
        return deflate.compress(packed(codes, self.bits)) + deflate.flush()


def bits_for(levels: int) -> int:
    """The bits that a row's level takes before deflating."""
    return next(bits for bits in (1, 2, 4, 8) if levels <= 1 << bits)


def packed(codes: Codes, bits: int) -> bytes:
    """``8 / bits`` rows in a byte, the first in its lowest bits; the last byte is filled with zeros."""
    together = 8 // bits
    rows = np.zeros(-(-codes.size // together) * together, dtype=np.uint8)
    rows[: codes.size] = codes
    columns = rows.reshape(-1, together)
    whole = columns[:, 0].copy()
    for place in range(1, together):
        whole |= columns[:, place] << np.uint8(place * bits)
    return whole.tobytes()


def tried(codes: Codes, levels: int) -> tuple[Coder, int]:
    """The better coder for a part of a column, and how many bytes the part takes with it."""
    bits = bits_for(levels)
    plain, searching = Coder(bits, zlib.Z_HUFFMAN_ONLY), Coder(bits, zlib.Z_DEFAULT_STRATEGY)
    sizes = len(plain.coded(codes)), len(searching.coded(codes))
    return (searching, sizes[1]) if sizes[1] < _GAIN * sizes[0] else (plain, sizes[0])
