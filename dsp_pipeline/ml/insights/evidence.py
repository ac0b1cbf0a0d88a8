"""Polars SQL over ``table`` that reproduces what a statement says.

Each query returns one row; its columns are named after what they are, and shares are percentages, so that a reader
finds the statement's numbers in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE = '"table"'


def identifier(name: str) -> str:
    """A column's name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: float) -> str:
    """A number literal that is read back as the same number.

    Fractions are written with an exponent: without one, Polars takes them for decimals and rounds what they meet.
    """
    if float(value).is_integer() and abs(value) < 2**53:
        return repr(int(value))
    digits = repr(float(value))
    return digits if "e" in digits else f"{digits}e0"


def is_missing(name: str, *, may_be_nan: bool = False) -> str:
    """The condition that a column has no value; NaN, which sorts above all numbers, counts as none."""
    quoted = identifier(name)
    return f"({quoted} IS NULL OR {quoted} > 1e999)" if may_be_nan else f"{quoted} IS NULL"


def average(expression: str, condition: str | None = None) -> str:
    """The mean of an expression, over the rows that meet the condition if there is one."""
    return f"AVG({_where(expression, condition)})"


def median(expression: str, condition: str | None = None) -> str:
    """The median of an expression, over the rows that meet the condition if there is one."""
    return f"MEDIAN({_where(expression, condition)})"


def share(condition: str, among: str | None = None) -> str:
    """The percentage of rows that meet a condition, among those that meet another if one is given."""
    return f"1e2 * AVG({_where(f'CASE WHEN {condition} THEN 1 ELSE 0 END', among)})"


def rows(condition: str) -> str:
    """How many rows meet a condition."""
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def select(*figures: tuple[str, str], source: str = TABLE, where: str | None = None) -> str:
    """One row of named figures, each given as expression and name."""
    listed = ", ".join(f"{expression} AS {identifier(name)}" for expression, name in figures)
    return _query(listed, source) + (f" WHERE {where}" if where else "")


def counted(keys: Sequence[tuple[str, str]], where: str, *, head: int | None = None) -> str:
    """A sub-query with a row per combination of the named keys and its number of rows ``n``.

    Args:
        keys: Expressions with their names.
        where: Which rows to count.
        head: Keep only so many of the commonest, ties in the order of the first key.
    """
    listed = ", ".join(f"{expression} AS {identifier(name)}" for expression, name in keys)
    grouped = ", ".join(expression for expression, _ in keys)
    cut = f" ORDER BY n DESC, {identifier(keys[0][1])} LIMIT {head}" if head else ""
    return f"({_query(f'{listed}, COUNT(*) AS n', TABLE)} WHERE {where} GROUP BY {grouped}{cut}) AS counted"


def grouped(key: str, figures: Sequence[tuple[str, str]], *, where: str) -> str:
    """A sub-query with a row per value of a key and named figures of its rows, the key itself as ``k``."""
    listed = ", ".join(f"{expression} AS {identifier(name)}" for expression, name in [(key, "k"), *figures])
    return f"({_query(listed, TABLE)} WHERE {where} GROUP BY {key}) AS grouped"


def figure(expression: str, source: str = TABLE) -> str:
    """One number as a sub-query."""
    return f"({_query(expression, source)})"


DISTINCT_ROWS = f"(SELECT DISTINCT * FROM {TABLE}) AS distinct_rows"  # noqa: S608 - a constant


def _query(listed: str, source: str) -> str:
    # Every name and literal in it went through `identifier`, `text` or `literal`; it only ever reads one frame.
    return f"SELECT {listed} FROM {source}"  # noqa: S608


def all_of(conditions: Sequence[str]) -> str:
    """All conditions at once."""
    return " AND ".join(f"({condition})" for condition in conditions)


def _where(expression: str, condition: str | None) -> str:
    return f"CASE WHEN {condition} THEN {expression} END" if condition else expression
