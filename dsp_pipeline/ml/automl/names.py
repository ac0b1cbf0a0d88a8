"""What a column's name says: its words, and whether they are those of an outcome, a plan or a calendar."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z]+|\d+")


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


RESULT_WORDS = words_of(
    "target label class outcome response result survived survival alive died death dead churn churned "
    "attrition default defaulted fraud fraudulent diagnosis species converted conversion clicked "
    "purchased bought subscribed readmitted approved failure failed passed won win winner delay delayed y "
    "loss profit claim cancelled canceled affairs voted vote arrest recid recidivism event malignant "
    "disease exited left"
)
"""Words of what happens in the end."""

QUANTITY_WORDS = words_of(
    "price sales revenue income salary wage wages earnings cost charges amount fare rent value medv mpg "
    "rating quality score grade demand yield consumption progression strength mortality crime count cnt "
    "visits duration life expectancy volume production output emissions points spend"
)
"""Words of quantities that people want to predict."""

PLAN_WORDS = words_of("sched scheduled planned plan expected estimated estimate budget forecast quoted list")
"""Words of what is known beforehand."""

CALENDAR_WORDS = words_of("year month day date time hour minute second week weekday quarter timestamp")
_IDENTIFIER_WORDS = words_of(
    "id ids uuid guid key index idx rownames row unnamed zip zipcode postcode phone email name lat lon "
    "latitude longitude code"
)

_QUESTION_WORDS = words_of("is has did was")


def tokens(name: str) -> list[str]:
    """The words of a column's name in lower case: ``arrDelay_min2`` has arr, delay, min and 2."""
    return _WORD.findall(_CAMEL.sub(" ", name).lower())


def outcome_weight(name: str) -> tuple[float, str]:
    """How much a name looks like a target's, between -1 and 1, and why in words (empty if it says nothing)."""
    words = tokens(name)
    found = set(words)
    verdicts = (
        (not words, 0.0, ""),
        (found & PLAN_WORDS, -0.5, "its name says that it is known beforehand"),
        (found & RESULT_WORDS, 1.0 if _is_head(words, RESULT_WORDS) else 0.7, "its name is that of an outcome"),
        (found & _IDENTIFIER_WORDS, -1.0, "its name is that of an identifier"),
        (
            found & QUANTITY_WORDS,
            0.7 if _is_head(words, QUANTITY_WORDS) else 0.5,
            "its name is that of a quantity people predict",
        ),
        (found & CALENDAR_WORDS, -0.8, "its name is that of a time"),
        (words[:1] and words[0] in _QUESTION_WORDS, 0.6, "its name asks a yes-or-no question"),
    )
    return next(((weight, why) for holds, weight, why in verdicts if holds), (0.0, ""))


def _is_head(words: list[str], known: frozenset[str]) -> bool:
    """Whether the last word, which says what a thing is, is a known one; or the name is a question about it."""
    return words[-1:] != [] and (words[-1] in known or words[0] in _QUESTION_WORDS)
