"""How often legacy encodings are told right: small lists of real messages in many languages and encodings.

Run it as ``python -m dsp_pipeline_tests.performance.bench_encodings LOCALE [ROWS]``: LOCALE is a folder of
translation catalogues such ``/usr/share/locale`` on Linux: ``<language>/LC_MESSAGES/*.mo``. Lists of ROWS messages
(8 if not said) are drawn from them, encoded, and read back; right is what gives the same text.
"""

from __future__ import annotations

import collections
import gettext
import random
import sys
import time
from pathlib import Path

from dsp_pipeline.etl.legacy import choose_legacy

_WEST, _CENTRE, _BALTIC, _CYRILLIC = ("cp1252", "iso8859-15"), ("cp1250", "iso8859-2"), ("cp1257",), ("cp1251",)
_ENCODINGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(["de", "fr", "es", "it", "pt", "pt_BR", "nl", "sv", "da", "fi", "nb", "ca", "gl"], _WEST),
    **dict.fromkeys(["pl", "cs", "hu", "sk", "hr", "sl"], _CENTRE),
    **dict.fromkeys(["lt", "lv", "et"], _BALTIC),
    **dict.fromkeys(["bg", "be", "sr"], _CYRILLIC),
    "ro": ("cp1250",),
    "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5"),
    "uk": ("cp1251", "koi8-u"),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("cp1254",),
    "he": ("cp1255",),
    "ar": ("cp1256",),
    "th": ("cp874",),
    "zh_CN": ("gb18030",),
    "zh_TW": ("big5",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("euc_kr",),
}
_CATALOGUES = 12
_LISTS = 5
_LENGTHS = range(3, 40)
_MIN_MESSAGES = 30


def main(folder: Path, rows: int) -> None:
    """Draw the lists, read them, and print how many are read right."""
    right: collections.Counter[tuple[str, str]] = collections.Counter()
    tried: collections.Counter[tuple[str, str]] = collections.Counter()
    seconds = time.process_time()
    for language, encodings in _ENCODINGS.items():
        for encoding in encodings:
            messages = [text for text in _messages(folder / language) if _fits(text, encoding)]
            if len(messages) < max(rows, _MIN_MESSAGES):
                continue
            draw = random.Random(f"{language} {encoding}")  # noqa: S311 - a sample, no secret
            for _ in range(_LISTS):
                text = "name;n\n" + "".join(f"{one};{n}\n" for n, one in enumerate(draw.sample(messages, rows)))
                tried[language, encoding] += 1
                data = text.encode(encoding)
                right[language, encoding] += data.decode(choose_legacy(data).codec) == text
    out = [
        f"{language:6} {encoding:11} {right[key]:3} of {tried[key]}"
        for key in tried
        for language, encoding in [key]
    ]
    out.append(f"all: {right.total()} of {tried.total()} lists of {rows} messages right")
    out.append(f"{time.process_time() - seconds:.0f} CPU-seconds")
    print("\n".join(out))  # noqa: T201 - a report for people


def _messages(folder: Path) -> list[str]:
    """Short messages beyond ASCII of a language's first catalogues, in alphabetical order."""
    found: set[str] = set()
    for path in sorted(folder.glob("LC_MESSAGES/*.mo"))[:_CATALOGUES]:
        try:
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)
        except UnicodeDecodeError:
            continue  # It does not say its own encoding.
        texts = [text for key, text in vars(catalogue)["_catalog"].items() if key and isinstance(text, str)]
        found.update(text.replace(";", " ") for text in texts if len(text) in _LENGTHS and "\n" not in text)
    return sorted(text for text in found if not text.isascii())


def _fits(text: str, encoding: str) -> bool:
    return text.encode(encoding, "ignore").decode(encoding) == text


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 8)
