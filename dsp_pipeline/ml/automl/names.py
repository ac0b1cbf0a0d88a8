"""What a column's name says: its words, and whether they are those of an outcome, a plan or a calendar."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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

_LIKELY_WORDS = words_of(
    "status approve approval deny denied denial accept accepted admit admitted purchase conversion release "
    "released spam toxic participation lfp inlf call callback switch switched direction vote win attrited "
    "malign cured recovered relapse recurrence progressed injured severity satisfied satisfaction yesno "
    "choice chosen decision answer stroke late overdue opinion preference volunteer poverty"
)
"""Words that a result often has, and other columns at times."""

_QUANTITY_WORDS = words_of(
    "price sales salary wage wages earnings revenue fare rent medv mv mpg tip score strength expectancy gpa "
    "progression mortality demand yield consumption visits articles publications trips skips claims accidents "
    "crashes deaths bwt birthweight emissions production output temperature eval evaluation prestige fertility "
    "incidence ridership diversity reaction vocabulary duration"
)
"""Words of quantities that people want to predict."""

_LESSER_QUANTITY_WORDS = words_of(
    "cost charges amount value rating quality grade crime count cnt volume points spend balance "
    "rate frequency life hours"
)
"""Words of quantities that are as often what others are predicted from."""

PLAN_WORDS = words_of("sched scheduled planned plan expected estimated estimate budget forecast quoted list")
"""Words of what is known beforehand."""

_PAST_WORDS = words_of(
    "previous prev prior past last lag lagged historical history initial baseline first old former before start"
)
"""Words of what lies behind when an outcome is asked for."""

_PART_WORDS = words_of(
    "sub num number nr n no sq squared log diff repeated dataset sample fold split batch source trt treat "
    "treatment group arm"
)
"""Words of columns that count or transform something else, or say where a row is from."""

CALENDAR_WORDS = words_of("year month day date time hour minute second week weekday quarter timestamp period")
_IDENTIFIER_WORDS = words_of(
    "id ids uuid guid key index idx seqno subject individual rownames row unnamed zip zipcode postcode phone "
    "email name lat lon latitude longitude code"
)
_PERSON_WORDS = words_of(
    "age sex gender male female race ethnicity ethnic black white afam hispanic hisp married marital single "
    "children kids child education educ degree school hschool college nodeg region state city county country "
    "urban rural language religion district smoker smoking citizen continent nation nationality iso south "
    "southern north northern east west location partner spouse mother father parent parents"
)
"""Words of what people and places are like: what outcomes are predicted from."""

_LOGARITHMS = ("log", "ln", "l")
_SEVERAL = 3
_QUESTION_WORDS = words_of("is has did was")
_WAIT = ("time to ", "days to ", "hours to ", "minutes to ")
_SUFFIX_AT_LEAST = 3
_SQUARE = re.compile(r"[a-z]{3,}sq$")


def tokens(name: str) -> list[str]:
    """The words of a column's name in lower case: ``arrDelay_min2`` has arr, delay, min and 2."""
    return _WORD.findall(_CAMEL.sub(" ", name).lower())


def outcome_weight(
    name: str, *, is_number: bool = True, has_two: bool = False, has_few: bool = True
) -> tuple[float, str]:
    """How much a name looks like a target's, between -1 and 1, and why in words (empty if it says nothing).

    Args:
        name: The column's.
        is_number: Whether it holds numbers; only these can be quantities.
        has_two: Whether it has two values, which may say whether there was a quantity at all.
        has_few: Whether it has a handful of values at most: a direction of sixteen is no outcome by its name.
    """
    words = tokens(name)
    found = set(words)
    quantity = _quantity_weight(words) * (0.5 if has_two else float(is_number))
    verdicts = (
        (not words, 0.0, ""),
        (found & PLAN_WORDS, -0.5, "its name says that it is known beforehand"),
        (found & _PAST_WORDS, -0.5, "its name says that it lies in the past"),
        (found & _PART_WORDS or _SQUARE.search(words[-1] if words else ""), -0.3, "its name is that of a part"),
        (" ".join(words).startswith(_WAIT), 1.0, "its name is that of a wait"),
        (_is_result(words), 1.0 if _is_head(words, RESULT_WORDS) else 0.7, "its name is that of an outcome"),
        (found & _IDENTIFIER_WORDS, -1.0, "its name is that of an identifier"),
        (found & _PERSON_WORDS, -0.3, "its name is that of what people or places are like"),
        (
            _is_head(words, _LIKELY_WORDS) and (has_two or (has_few and not is_number)),
            1.0,
            "its name is that of an outcome",
        ),
        (quantity, quantity, "its name is that of a quantity people predict"),
        (found & CALENDAR_WORDS, -0.8, "its name is that of a time"),
        (words[:1] and words[0] in _QUESTION_WORDS, 0.6, "its name asks a yes-or-no question"),
    )
    return next(((weight, why) for holds, weight, why in verdicts if holds), (0.0, ""))


def _is_result(words: list[str]) -> bool:
    """Whether a word is that of an outcome; a single y stands for one only alone."""
    found = set(words) & RESULT_WORDS
    return bool(found) and (found != {"y"} or words == ["y"])


def _quantity_weight(words: list[str]) -> float:
    """Strong where the name is or ends in a word of a quantity that is a result, weak elsewhere."""
    head = words[-1] if words else ""
    ends = any(head.endswith(word) for word in _QUANTITY_WORDS if len(word) >= _SUFFIX_AT_LEAST)
    if head in _QUANTITY_WORDS:
        return 0.7
    if ends or set(words) & _QUANTITY_WORDS:
        return 0.5
    if set(words) & _LESSER_QUANTITY_WORDS:
        return 0.3 if words[-1] in _LESSER_QUANTITY_WORDS else 0.2
    return 0.0


def _is_head(words: list[str], known: frozenset[str]) -> bool:
    """Whether the last word, which says what a thing is, is a known one; or the name is a question about it."""
    is_question = words[:1] != [] and words[0] in _QUESTION_WORDS and bool(set(words) & known)
    return words[-1:] != [] and (words[-1] in known or is_question)


class TableNames:
    """The names of a table's columns: what one of them says beside the others.

    Args:
        names: All of them; they are looked at once, however many are asked about.
    """

    def __init__(self, names: Sequence[str]) -> None:
        words = [tokens(name) for name in names]
        self._lower = {name.lower() for name in names}
        self._joined = {"".join(each) for each in words}
        self._first = Counter(each[0] for each in words if each[1:])
        self._first_numbered = Counter(each[0] for each in words if each[1:] and each[-1].isdigit())

    def is_coordinate(self, name: str) -> bool:
        """Whether a column called y stands beside a z: a place, or what is drawn, but no outcome by its name."""
        return tokens(name) == ["y"] and "z" in self._lower

    def is_transform(self, name: str) -> bool:
        """Whether a name says that it is another one's logarithm: ``lwage`` or ``log_wage`` beside ``wage``."""
        own = "".join(tokens(name))
        return any(own.startswith(prefix) and own.removeprefix(prefix) in self._joined for prefix in _LOGARITHMS)

    def is_one_of_many(self, name: str) -> bool:
        """Whether a name says which of several outcomes it is: ``price_a`` with two more, ``price1`` with one."""
        first, *rest = tokens(name) or [""]
        if not rest or first not in RESULT_WORDS | _LIKELY_WORDS | _QUANTITY_WORDS:
            return False
        return self._first[first] >= _SEVERAL or (rest[-1].isdigit() and self._first_numbered[first] > 1)


def is_class_word(name: str) -> bool:
    """Whether a name's outcome is one of classes, so that hundreds of values speak against it."""
    return bool(set(tokens(name)) & words_of("class label species diagnosis"))
