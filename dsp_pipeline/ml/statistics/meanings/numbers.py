"""What numbers are: money, shares, counts, codes, years, coordinates, and personal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.privacy import patterns
from dsp_pipeline.ml.statistics.meanings import header
from dsp_pipeline.ml.statistics.meanings.texts import Judged

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats

_LOOKED_AT = 500
_MOSTLY = 0.8
_FEW = 20
_CODE_LENGTHS = range(4, 13)
_PHONE_LENGTHS = range(7, 16)
_FULL_TURN, _HALF_TURN = 180.0, 90.0
_LONGEST_SMALL = 16
_FIRST_YEAR, _LAST_YEAR = 1000, 2999


def judged_numbers(ordered: Floats, words: frozenset[str], *, whole: bool, distinct: int) -> Judged:
    """What a column of numbers holds; "whole number" or "measurement" where nothing says more.

    Args:
        ordered: The finite values in ascending order, one at least.
        words: The words of the column's name.
        whole: Whether all are whole numbers.
        distinct: How many different ones there are.
    """
    sample = ordered[:: max(1, len(ordered) // _LOOKED_AT)]
    low, high = float(ordered[0]), float(ordered[-1])
    found = _personal(sample, words) if whole and low >= 0 else None
    found = found or _place(low, high, words, whole=whole)
    found = found or (_whole(sample, low, high, words, distinct=distinct) if whole else None)
    found = found or _amount(sample, low, high, words)
    if found is not None:
        return found
    return (
        Judged("whole number", 0.9, "all are whole") if whole else Judged("measurement", 0.9, "not all are whole")
    )


def _personal(sample: Floats, words: frozenset[str]) -> Judged | None:
    """Card numbers by their check digits; phone and social security numbers by the name and their length."""
    texts = [f"{value:.0f}" for value in sample if value < 10**_LONGEST_SMALL]
    if not texts:
        return None
    cards = sum(map(patterns.is_card, texts)) / len(texts)
    if cards >= _MOSTLY:
        return Judged(
            patterns.CARD,
            cards,
            f"{written(cards, '.0%')} have a card scheme's prefix and check digit",
            personal=True,
        )
    fit = sum(len(text) in _PHONE_LENGTHS for text in texts) / len(texts)
    if words & header.PHONE and fit >= _MOSTLY:
        return Judged(
            patterns.PHONE, fit, f"named so, and {written(fit, '.0%')} have 7 to 15 digits", personal=True
        )
    fit = sum(len(text) in {8, 9} for text in texts) / len(texts)
    if "ssn" in words and fit >= _MOSTLY:
        return Judged(
            patterns.SOCIAL_SECURITY, fit, f"named so, and {written(fit, '.0%')} have its length", personal=True
        )
    return None


def _place(low: float, high: float, words: frozenset[str], *, whole: bool) -> Judged | None:
    if whole:
        return None
    if words & header.LATITUDE and low >= -_HALF_TURN and high <= _HALF_TURN:
        return Judged("latitude", 0.95, "named so, and all lie between -90 and 90")
    if words & header.LONGITUDE and low >= -_FULL_TURN and high <= _FULL_TURN:
        return Judged("longitude", 0.95, "named so, and all lie between -180 and 180")
    return None


def _whole(sample: Floats, low: float, high: float, words: frozenset[str], *, distinct: int) -> Judged | None:
    lengths = {len(f"{value:.0f}") for value in sample}
    same_length = low > 0 and len(lengths) == 1 and lengths <= set(_CODE_LENGTHS)
    gapless = low in {0.0, 1.0} and distinct > 2 and distinct >= _MOSTLY * min(high - low + 1, _FEW)  # noqa: PLR2004
    verdicts = (
        (
            words & header.YEAR and low >= _FIRST_YEAR and high <= _LAST_YEAR,
            "year",
            0.95,
            "named so, in years' range",
        ),
        (words & header.POSTCODE and low >= 0, "postcode", 0.9, "named so, and all are whole"),
        (
            words & header.CODE and distinct <= _FEW,
            "code",
            0.8,
            f"named so, with {distinct} different whole numbers",
        ),
        (words & header.MONEY, "money", 0.8, "named so"),
        (words & header.COUNT and low >= 0, "count", 0.9, "named so, and none is negative"),
        (words & header.CODE and same_length, "code", 0.8, "named so, and all have the same number of digits"),
        (gapless, "count", 0.6, f"whole numbers from {low:.0f} on, without gaps among the small ones"),
    )
    return next((Judged(name, sure, why) for holds, name, sure, why in verdicts if holds), None)


def _amount(sample: Floats, low: float, high: float, words: frozenset[str]) -> Judged | None:
    if words & header.SHARE:
        if low >= 0 and high <= 1:
            return Judged("share", 0.9, "named so, and all lie between 0 and 1")
        if low >= -100 and high <= 100:  # noqa: PLR2004 - per cent
            return Judged("percentage", 0.8, "named so, and all lie between -100 and 100")
    if words & header.MONEY:
        cents = bool(np.all(np.abs(sample * 100 - np.round(sample * 100)) < 1e-6 * np.maximum(1, np.abs(sample))))
        more = ", with at most two decimals" if cents else ""
        return Judged("money", 0.95 if cents else 0.7, f"named so{more}")
    return None
