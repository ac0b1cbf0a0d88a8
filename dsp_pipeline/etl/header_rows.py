"""Headers of several rows: labels of groups above names, names that come twice, and units below them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.reading import Alternative, Decision
from dsp_pipeline.etl.cells import Look, filled, is_typed_column, look

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_ROWS = 3
_MIN_BELOW = 2
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT_WORDS = (
    "% ‰ ppm ppb °C °F °K K C F deg ° rad s sec ms µs us ns min h hr hrs d days day months years yr a "
    "m cm mm µm um nm km ft in mi yd kg g mg µg ug t lb lbs oz l L ml mL hl gal m2 m² m3 m³ ha "
    "V mV kV A mA µA W kW MW GW Wh kWh MWh GWh J kJ MJ kcal cal N kN Nm Pa hPa kPa MPa bar mbar psi atm "
    "volts amps watts celsius celcius fahrenheit kelvin percent unitless hours minutes seconds meters metres feet "
    "inches degC deg_C degs degree degrees millibar millibars "
    "dB dBm lux lx Hz kHz MHz GHz Ohm Ω kΩ F mol mmol pH PSU NTU rpm bpm U/min 1/min "
    "c s d t continuous discrete "
    "EUR USD GBP CHF JPY € $ £ ¥ kEUR TEUR T€ Mio count number no. # Stk Stück pcs st index - -- n/a "
    "text string str int integer float double date datetime bool boolean varchar numeric TS RN "
    "yyyy-mm-dd dd.mm.yyyy dd/mm/yyyy mm/dd/yyyy hh:mm hh:mm:ss"
)
_UNITS = frozenset(_UNIT_WORDS.lower().split())
_FLAGS = frozenset(
    {"class", "meta", "ignore", "weight", "i", "m", "mean", "sum"}
    | {"avg", "min", "max", "smp", "std", "tot", "med", "mom", "cov", "wvc", "ets", "rtm", "tmx", "tmn"}
)
"""What the third row of Orange's tables says of a few columns, and the fourth of Campbell's loggers of most."""

_NEGATIVE = re.compile(r"[(\[][\d.,'\s%-]*[)\]]")
"""A number in brackets is a negative one, and no unit."""

_RULER = re.compile(r"[:\-=+_*~ ]{2,}")

_UNIT_SHAPE = re.compile(
    r"deg\.? ?[cfk]?|\[[^\]]{0,20}\]|\([^)]{0,20}\)|\d{1,3}[sdnf]"
    r"|[a-zµμ°Ω%²³/*·^.\d-]{1,8}/[a-zµμ°Ω%²³·^\d-]{1,8}",
    re.IGNORECASE,
)


def header_height(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows hold names, if the first does: 1 where that is in doubt.

    A further row has words in columns that are numbers, dates or booleans below it, in several of them and not
    the same words; or it is the first one once more.

    Args:
        rows: The cells of the header's first row and of those below it, all as wide as the table.
    """
    if len(rows) > 1 and is_ruler(rows[1]):
        return 1
    for height in range(min(_MAX_ROWS, len(rows) - _MIN_BELOW), 1, -1):
        typed = _typed_places(rows[max(height, min(_MAX_ROWS, len(rows) - _MIN_BELOW)) :])
        if all(_names_again(rows[:place], rows[place], typed) for place in range(1, height)):
            return height
    return 1


def joined_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """One name per column, from all rows of a header; labels hold for the empty cells behind them, too."""
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(padded):
        label = ""
        for place, cell in enumerate(row):
            text = cell.strip()
            label = text or label
            holds = label if not text and number < len(rows) - 1 and padded[number + 1][place].strip() else text
            if holds and holds not in parts[place]:
                parts[place].append(holds)
    return [" ".join(words) for words in parts]


def are_units(names: Sequence[str], row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the row below the names holds the units of the columns, or their formats, and nothing else."""
    if len(row) != len(names) or not filled(row) or len(body) < _MIN_BELOW:
        return False
    typed = _typed_places(body[1:] if len(body) > _MIN_BELOW else body)
    told = [cell for place, cell in enumerate(row) if place in typed and cell.strip()]
    return bool(told) and all(_is_unit(cell.strip()) for cell in row if cell.strip())


def is_ruler(row: Sequence[str]) -> bool:
    """Whether a row draws a line below the names, as where tables are written to be looked at."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return bool(cells) and all(_RULER.fullmatch(cell) for cell in cells)


def are_flags(row: Sequence[str]) -> bool:
    """Whether a row below the units says what a few of the columns are for."""
    words = [cell.strip().lower() for cell in row if cell.strip()]
    return 0 < len(words) <= len(row) and all(word in _FLAGS for word in words)


def are_years(top: Sequence[str], places: Sequence[int]) -> bool:
    """A pivoted table's header has years: all different, among other names, and nothing else that is a number."""
    years = [top[place].strip() for place in places]
    return len(places) < len(top) and len(set(years)) == len(years) and all(map(_YEAR.fullmatch, years))


def about_rows(rows: Sequence[Sequence[str]], first_line: int, *, is_said: bool) -> Decision:
    """The decision that the header has several rows."""
    choice = f"{len(rows)} rows, from line {first_line} on"
    if is_said:
        return Decision(what="header rows", choice=choice, why="the sidecar says so", confidence=1.0)
    is_same = all(list(row) == list(rows[0]) for row in rows)
    again = "the header stands there more than once" if is_same else "their words are joined"
    return Decision(
        what="header rows",
        choice=choice,
        why=f"each holds words above numbers, dates or booleans; {again}",
        confidence=0.85,
        alternatives=[Alternative(choice="1 row", why_not="words would be the first values of typed columns")],
    )


def about_ruler(line: int) -> Decision:
    """The decision that a row below the header is a drawn line."""
    why = "it holds dashes and the like, and no word or number"
    return Decision(what="ruler", choice=f"line {line} is a drawn line", why=why, confidence=0.95)


def about_units(names: Sequence[str], row: Sequence[str], line: int, *, what: str = "units") -> Decision:
    """The decision that a row below the header holds units, or flags; it is no row of the table."""
    told = ", ".join(f"{name}: {unit.strip()}" for name, unit in zip(names, row, strict=False) if unit.strip())
    return Decision(
        what=what,
        choice=f"line {line} holds {'units or formats' if what == 'units' else what}",
        why=f"each of its cells is one, and they stand above numbers or dates ({told})",
        confidence=0.85,
        alternatives=[Alternative(choice="a row", why_not="words would be the first values of typed columns")],
    )


def _typed_places(body: Sequence[Sequence[str]]) -> set[int]:
    return {place for place, column in enumerate(zip(*body, strict=True)) if is_typed_column(column)}


def _names_again(above: Sequence[Sequence[str]], row: Sequence[str], typed: set[int]) -> bool:
    """Whether a row below names holds names itself."""
    if list(row) == list(above[0]):
        return bool(typed)
    at_typed = {place: row[place].strip() for place in typed if row[place].strip()}
    if not at_typed or _are_values(row, at_typed, typed):
        return False
    joined = joined_names([*above, row])
    are_different = len({joined[place] for place in at_typed}) == len(at_typed)
    return are_different and len(set(at_typed.values())) > 1


def _are_values(row: Sequence[str], at_typed: dict[int, str], typed: set[int]) -> bool:
    """Whether one of the words may as well be a value: a missing one, a number, the same word everywhere."""
    if are_years(row, list(at_typed)) and not any(row[n].strip() for n in range(len(row)) if n not in typed):
        return False
    looks = {look(cell) for cell in at_typed.values()}
    return bool(looks & {Look.NUMBER, Look.DATE, Look.EMPTY}) or looks == {Look.BOOLEAN}


def _is_unit(cell: str) -> bool:
    if _NEGATIVE.fullmatch(cell):
        return False
    return cell.lower() in _UNITS or _UNIT_SHAPE.fullmatch(cell) is not None
