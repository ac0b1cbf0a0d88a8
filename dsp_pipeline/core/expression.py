"""A parsed expression as a tree: expression_parser.py makes it, etl/expressions.py gives it its meaning."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclasses.dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, true, false, or None for a missing value. ``at`` is the place (1-based) of every node."""

    at: int
    value: int | float | str | bool | None


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column's value in the row."""

    at: int
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A function of values; the name is in lower case."""

    at: int
    name: str
    arguments: tuple[Node, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or ``-`` of a value."""

    at: int
    sign: str
    operand: Node


@dataclasses.dataclass(frozen=True, slots=True)
class Binary:
    """Two values and what stands between them: ``and``, ``or``, a comparison, or arithmetic."""

    at: int
    sign: str
    left: Node
    right: Node


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """Whether a value is one of several."""

    at: int
    value: Node
    options: tuple[Node, ...]


Node = Literal | Column | Call | Unary | Binary | Membership


def columns_of(node: Node) -> tuple[str, ...]:
    """The columns that a tree names, each once, in the order of the text."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Column)))


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text as far as a prefix goes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(_below(part)))


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(arguments=arguments):
            return arguments
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Membership(value=value, options=options):
            return (value, *options)
        case _:
            return ()
