"""Months' names in the languages that CSVs are written in, as the English ones that strptime knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_NAMES = """
    jan feb mar apr may jun jul aug sep oct nov dec
    january february march april may june july august september october november december
    januar februar märz april mai juni juli august september oktober november dezember
    jän febr mrz apr mai jun jul aug sept okt nov dez
    jänner feber maerz april mai juni juli august september oktober november dezember
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    janv févr mars avr mai juin juil août sept oct nov déc
    janv fevr mars avr mai juin juil aout sept oct nov dec
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    ene feb mar abr may jun jul ago set oct nov dic
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    gen feb mar apr mag giu lug ago sett ott nov dic
    janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
    jan fev mar abr mai jun jul ago set out nov dez
    januari februari maart april mei juni juli augustus september oktober november december
    jan feb mrt apr mei jun jul aug sep okt nov dec
    januari februari mars april maj juni juli augusti september oktober november december
    januar februar marts april maj juni juli august september oktober november desember
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
    sty lut mar kwi maj cze lip sie wrz paź lis gru
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    янв фев мар апр май июн июл авг сен окт ноя дек
    січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    ledna února března dubna května června července srpna září října listopadu prosince
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
"""

"""A line for each language or way to shorten, twelve words each."""

MONTHS: dict[str, str] = {
    name: english
    for line in _NAMES.strip().splitlines()
    for name, english in zip(line.split(), _ENGLISH, strict=True)
}
"""Each name and abbreviation, in lower case, to the month's English name."""

_LONGEST_FIRST = sorted(MONTHS, key=len, reverse=True)
WORD = r"[^\W\d_]{3,12}"
"""What a month's name may be, as a regular expression."""

_WEEKDAY = r"^\p{L}+\.?,?\s+"


def month_in(text: str) -> re.Match[str] | None:
    """Where a month's name stands in a text, if its first long words hold one."""
    return next((word for word in re.finditer(WORD, text) if word.group().lower() in MONTHS), None)


def in_english(text: pl.Series, *, has_weekday: bool) -> pl.Series:
    """Dates with English names of months and without the dots that shorten them, or a weekday before them.

    Args:
        text: Dates with a month's name in any of the languages.
        has_weekday: Whether a weekday's name goes before the date.
    """
    bare = text.str.replace(_WEEKDAY, "") if has_weekday else text
    names = [MONTHS[name] for name in _LONGEST_FIRST]
    lower = bare.str.to_lowercase().str.replace_many(_LONGEST_FIRST, names, leftmost=True)
    return lower.str.replace(r"(\p{L}{3})\.", "$1")
