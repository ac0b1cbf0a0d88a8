"""Labels that have an order of their own: days, months, sizes, grades, answers, ranges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_RANGE = re.compile(
    r"(?:[<≤>≥]=?\s*)?(\d+(?:[.,]\d+)?)\s*(?:(?:-|\u2013|to|bis)\s*\d+(?:[.,]\d+)?|\+|and over)?\s*\D{0,8}"
)
_SPAN = re.compile(r"\d\s*(?:-|\u2013|to|bis)\s*\d|\d\s*\+|[<≤>≥]\s*\d")
_FEWEST = 3
_MOST_RANGES = 60

_SCALES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("weekdays", ("mon tue wed thu fri sat sun", "monday tuesday wednesday thursday friday saturday sunday")),
    ("weekdays", ("mo di mi do fr sa so", "montag dienstag mittwoch donnerstag freitag samstag sonntag")),
    ("weekdays", ("lundi mardi mercredi jeudi vendredi samedi dimanche", "thur fri sat sun")),
    ("weekdays", ("lunes martes miércoles jueves viernes sábado domingo",)),
    ("months", ("jan feb mar apr may jun jul aug sep oct nov dec",)),
    (
        "months",
        ("january february march april may june july august september october november december",),
    ),
    ("months", ("januar februar märz april mai juni juli august september oktober november dezember",)),
    ("months", ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre",)),
    ("quarters", ("q1 q2 q3 q4",)),
    ("sizes", ("xxs xs s m l xl xxl xxxl", "small medium large", "tiny small medium large huge")),
    ("levels", ("low medium high", "low moderate high critical", "very_low low medium high very_high")),
    ("levels", ("minor major critical", "info warning error critical", "bronze silver gold platinum")),
    ("priorities", ("p0 p1 p2 p3 p4 p5", "low normal high urgent")),
    ("grades", ("a+ a a- b+ b b- c+ c c- d+ d d- e f",)),
    ("quality", ("po fa ta gd ex", "poor fair good very_good excellent", "fair good very_good premium ideal")),
    ("frequency", ("never rarely sometimes often always", "never seldom sometimes frequently always")),
    (
        "agreement",
        (
            "strongly_disagree disagree neutral agree strongly_agree",
            "very_dissatisfied dissatisfied neutral satisfied very_satisfied",
        ),
    ),
    ("places", ("first second third fourth fifth",)),
)


def order_of(labels: Sequence[str]) -> tuple[str, list[str]] | None:
    """What the labels are steps of, and the labels in that order; None where no order is known.

    Args:
        labels: All distinct labels.
    """
    if len(labels) < _FEWEST:
        return None
    spoken = {label.strip().lower().replace(" ", "_"): label for label in labels}
    if len(spoken) < len(labels):
        return None
    for name, wordings in _SCALES:
        for wording in wordings:
            steps = wording.split()
            if spoken.keys() <= set(steps):
                return name, [spoken[step] for step in steps if step in spoken]
    return _ranges(labels)


def _ranges(labels: Sequence[str]) -> tuple[str, list[str]] | None:
    """Ranges such as ``18-24`` and ``65+``, in the order of their numbers."""
    if len(labels) > _MOST_RANGES:
        return None
    found = [_RANGE.fullmatch(label.strip()) for label in labels]
    spans = sum(_SPAN.search(label) is not None for label in labels)
    if any(match is None for match in found) or spans < max(2, len(labels) - 2):
        return None

    def place(item: tuple[str, re.Match[str] | None]) -> tuple[float, bool]:
        label, match = item
        start = float(match.group(1).replace(",", ".")) if match else 0.0
        return start, not label.strip().startswith(("<", "≤"))

    return "ranges", [label for label, _ in sorted(zip(labels, found, strict=True), key=place)]
