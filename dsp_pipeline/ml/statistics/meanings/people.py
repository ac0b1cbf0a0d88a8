"""Whether texts are the names of people: certain only where the column's name and the values agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.numbers import written
from dsp_pipeline.ml.statistics.meanings import header

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME_LIKE = re.compile(r"[^\W\d_][^\W\d_'\u2019.()-]*(?:(?:, | |-|'|\u2019|\. ?|\(|\)|\")+[^\W\d_]+){0,8}[.)\"]*")
_TOKEN = re.compile(r"[^\W\d_]+")
_LIKE_SHARE = 0.8
_KNOWN_SHARE = 0.3
_SURE_SHARE = 0.6
_HONORIFICS = frozenset(
    {"mr", "mrs", "miss", "ms", "dr", "prof", "herr", "frau", "mme", "monsieur", "sir", "mlle"}
)
_GIVEN = header.words_in(
    """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony
    mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan
    jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander
    patrick raymond jack dennis jerry tyler aaron jose henry adam douglas nathan peter zachary kyle walter
    harold carl mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty
    margaret sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura
    sharon cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine
    debra rachel carolyn janet catherine maria heather diane olivia julie joyce victoria ruth virginia lauren
    kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha alice ann jean sophia grace
    denise amber hans peter klaus wolfgang jürgen dieter manfred uwe günter stefan andreas thorsten sebastian
    tobias lukas ursula monika petra sabine renate helga karin brigitte ingrid claudia julia katharina heike
    anja martina pierre michel andré philippe alain bernard françois nathalie isabelle sylvie monique nicolas
    camille chloé juan carlos luis jorge miguel antonio manuel francisco pedro javier carmen ana isabel lucia
    pilar marta giovanni giuseppe marco luca francesca giulia paolo alessandro matteo chiara elena jan piet
    anders lars erik mohammed mohamed ahmed ali omar hassan fatima aisha yusuf ibrahim wei ming li yuki hiroshi
    priya raj amit anil sanjay ravi deepak olga ivan dmitri sergei natasha tatiana vladimir ada grace alan leo
    noah liam mia
    """
)


def names_of_people(values: Sequence[str], words: frozenset[str]) -> tuple[float, str] | None:
    """How sure it is that the values are people's names, and why; None where it is not.

    A column called ``last_name`` needs values that look like names. One called ``name`` or ``customer`` needs
    common first names or forms of address in three of ten values as well; any other needs them in six of ten, and
    at least two words a value: products, towns and firms have names too.

    Args:
        values: Some of the distinct values.
        words: The words of the column's name.
    """
    if not values:
        return None
    like = sum(_NAME_LIKE.fullmatch(value.strip()) is not None for value in values) / len(values)
    if like < _LIKE_SHARE:
        return None
    if header.names_people(words):
        return like, f"named so, and {written(like, '.0%')} of the values look like names"
    known = sum(_has_given_name(value) for value in values) / len(values)
    several = sum(len(_TOKEN.findall(value)) > 1 for value in values) / len(values)
    by_header = header.may_name_people(words) and known >= _KNOWN_SHARE
    if by_header or (known >= _SURE_SHARE and several >= _LIKE_SHARE):
        return max(
            like * known, 0.5
        ), f"{written(known, '.0%')} of the values hold a common first name or form of address"
    return None


def _has_given_name(text: str) -> bool:
    tokens = {token.lower() for token in _TOKEN.findall(text)}
    return bool(tokens & _GIVEN or tokens & _HONORIFICS)
