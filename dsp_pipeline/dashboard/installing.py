"""What a browser needs beside a published page to install it as an app: a manifest, a service worker, icons."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.packager import script
from dsp_pipeline.dashboard.palette import themes

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = 24
_SIZES = (192, 512)
_BARS = ((0.25, 0.45), (0.42, 0.70), (0.59, 0.37), (0.76, 0.22))
"""The mark: where each bar stands across, and how high it is, as shares of the icon within its safe zone."""

_BASE, _WIDTH = 0.76, 0.09


def app_files(title: str, *, accent: str | None = None) -> dict[str, bytes]:
    """The files by name; they lie in the page's own folder.

    Args:
        title: What the app is called.
        accent: The owner's colour, as the page has it.
    """
    colour = themes(accent).light.accent
    icons = {f"icon-{size}.png": _png(size, colour) for size in _SIZES}
    return {
        "manifest.webmanifest": _manifest(title, colour),
        "service-worker.js": script("service-worker.js").encode(),
        "icon.svg": _svg(colour),
        **icons,
    }


def _manifest(title: str, colour: str) -> bytes:
    icons = [
        {"src": f"icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in _SIZES
    ]
    manifest = {
        "name": title,
        "short_name": title[:_SHORT],
        "start_url": "index.html",
        "scope": "./",
        "display": "minimal-ui",
        "theme_color": colour,
        "background_color": themes().light.page,
        "icons": [*icons, {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def _svg(colour: str) -> bytes:
    bars = "".join(
        f'<rect x="{100 * (middle - _WIDTH / 2):g}" y="{100 * (_BASE - height * 0.72):g}" '
        f'width="{100 * _WIDTH:g}" height="{100 * height * 0.72:g}" rx="3" fill="#fff"/>'
        for middle, height in _BARS
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    return f'{head}<rect width="100" height="100" fill="{colour}"/>{bars}</svg>'.encode()


def _png(size: int, colour: str) -> bytes:
    """The mark as PNG: 8 bits of a palette of two colours (https://www.w3.org/TR/png-3/)."""
    header = struct.pack(">2I5B", size, size, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", bytes.fromhex(f"{colour[1:]}ffffff")),
        (b"IDAT", zlib.compress(b"".join(_lines(size)), 9)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _lines(size: int) -> Iterator[bytes]:
    """Each line of the picture after its filter's number, 0 for none: 1 where a bar is, else 0."""
    for row in range(size):
        up = (row + 0.5) / size
        line = bytearray(size + 1)
        for middle, height in _BARS:
            if _BASE - 0.72 * height <= up <= _BASE:
                start, end = (round(size * (middle + side * _WIDTH / 2)) for side in (-1, 1))
                line[1 + start : 1 + end] = b"\x01" * (end - start)
        yield bytes(line)
