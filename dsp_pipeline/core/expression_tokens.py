"""An expression's text cut into tokens, each with the place it stands at."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

TokenKind = Literal["number", "text", "name", "word", "sign", "end"]

KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is", "null", "missing", "like", "true", "false"})
"""Words with a meaning of their own; a column of that name is written in double quotes."""

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")+"|`[^`]+`)'
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|<>|!=|==|[=<>+\-*/%(),])"
)


class ExpressionError(ValueError):
    """An expression that cannot be understood.

    Args:
        message: What is wrong.
        at: The place in the text (1-based, in characters).
    """

    def __init__(self, message: str, at: int) -> None:
        super().__init__(f"at character {at}: {message}")
        self.message = message
        self.at = at


class Token(NamedTuple):
    """One token: what it is, its value without quotes, and its place (1-based).

    A ``name`` is a quoted one, a ``word`` a plain one, which may be a keyword, a function or a column.
    """

    kind: TokenKind
    value: str
    at: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text; the last one is of kind ``end``.

    Raises:
        ExpressionError: A character has no meaning, or a quote is not closed.
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(_unknown(text[position]), position + 1)
        token = _token(match, position + 1)
        if token is not None:
            found.append(token)
        position = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _token(match: re.Match[str], at: int) -> Token | None:
    text = match.group()
    match match.lastgroup:
        case "number":
            return Token("number", text, at)
        case "text":
            return Token("text", text[1:-1].replace("''", "'"), at)
        case "quoted":
            return Token("name", text[1:-1].replace('""', '"') if text[0] == '"' else text[1:-1], at)
        case "word":
            return Token("word", text, at)
        case "sign":
            return Token("sign", {"==": "=", "<>": "!="}.get(text, text), at)
        case _:
            return None


def _unknown(char: str) -> str:
    if char == "'":
        return "a text begins with ' and does not end"
    if char in '"`':
        return f"a column's name begins with {char} and does not end"
    return f"{char!r} has no meaning here"
