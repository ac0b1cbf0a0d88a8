"""The language of ``expect`` and ``when``: what may be written, as a tree. Nothing is ever evaluated as code.

::

    condition   := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := "not" negation | comparison
    comparison  := sum (("=" | "!=" | "<" | "<=" | ">" | ">=") sum)*
                 | sum ["not"] "in" "(" sum ("," sum)* ")"
                 | sum ["not"] "between" sum "and" sum
                 | sum ["not"] "like" text
                 | sum "is" ["not"] ("null" | "missing")
    sum         := product (("+" | "-") product)*
    product     := factor (("*" | "/" | "%") factor)*
    factor      := ("-" | "+") factor | number | text | "true" | "false" | "null" | column
                 | ("date" | "timestamp") text
                 | function "(" [condition ("," condition)*] ")" | "(" condition ")"

Comparisons may be chained: ``0 <= a <= b`` is ``0 <= a and a <= b``.
"""

from __future__ import annotations

from dsp_pipeline.core.expression import Binary, Call, Column, Literal, Membership, Node, Unary
from dsp_pipeline.core.expression_tokens import KEYWORDS, ExpressionError, Token, tokens

MAX_TOKENS = 300
MAX_DEPTH = 40
"""Bounds, so that no expression is too deep to be walked through."""

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def parse_expression(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: It is not of the language; the error has the place.
    """
    found = tokens(text)
    if len(found) > MAX_TOKENS:
        raise ExpressionError(f"it has more than {MAX_TOKENS} words and signs", found[MAX_TOKENS].at)
    return _Parser(found).whole()


class _Parser:
    """Recursive descent, one method for each line of the grammar."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise ExpressionError("it is empty", 1)
        node = self._condition()
        if self._peek().kind != "end":
            raise self._unexpected("'and', 'or' or its end")
        return node

    def _condition(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"it is nested more than {MAX_DEPTH} deep", self._peek().at)
        node = self._conjunction()
        while (token := self._take_word("or")) is not None:
            node = Binary(token.at, "or", node, self._conjunction())
        self._depth -= 1
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while (token := self._take_word("and")) is not None:
            node = Binary(token.at, "and", node, self._negation())
        return node

    def _negation(self) -> Node:
        negations = []
        while (token := self._take_word("not")) is not None:
            negations.append(token.at)
        node = self._comparison()
        for at in reversed(negations):
            node = Unary(at, "not", node)
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        if (token := self._take_word("is")) is not None:
            return self._is_missing(token, left)
        negated = self._take_word("not")
        special = self._special(left)
        if special is not None:
            return Unary(negated.at, "not", special) if negated else special
        if negated is not None:
            raise self._unexpected("'in', 'between' or 'like'")
        return self._chain(left)

    def _chain(self, left: Node) -> Node:
        chain: Node | None = None
        while (token := self._take_sign(_COMPARISONS)) is not None:
            right = self._sum()
            link = Binary(token.at, token.value, left, right)
            chain = link if chain is None else Binary(token.at, "and", chain, link)
            left = right
        return left if chain is None else chain

    def _is_missing(self, token: Token, left: Node) -> Node:
        negated = self._take_word("not")
        if self._take_word("null") is None and self._take_word("missing") is None:
            raise self._unexpected("'null'")
        missing = Call(token.at, "is_missing", (left,))
        return Unary(token.at, "not", missing) if negated else missing

    def _special(self, left: Node) -> Node | None:
        if (token := self._take_word("in")) is not None:
            self._expect("(")
            return Membership(token.at, left, self._arguments(at_least_one=True))
        if (token := self._take_word("between")) is not None:
            low = self._sum()
            if self._take_word("and") is None:
                raise self._unexpected("'and' between the two bounds")
            above = Binary(token.at, ">=", left, low)
            return Binary(token.at, "and", above, Binary(token.at, "<=", left, self._sum()))
        if (token := self._take_word("like")) is not None:
            pattern = self._take()
            if pattern.kind != "text":
                raise ExpressionError("'like' needs a text in single quotes", pattern.at)
            return Call(token.at, "like", (left, Literal(pattern.at, pattern.value)))
        return None

    def _sum(self) -> Node:
        node = self._product()
        while (token := self._take_sign({"+", "-"})) is not None:
            node = Binary(token.at, token.value, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while (token := self._take_sign({"*", "/", "%"})) is not None:
            node = Binary(token.at, token.value, node, self._factor())
        return node

    def _factor(self) -> Node:
        minuses = []
        while (token := self._take_sign({"-", "+"})) is not None:
            minuses += [token.at] if token.value == "-" else []
        node = self._primary()
        for at in reversed(minuses):
            node = Unary(at, "-", node)
        return node

    def _primary(self) -> Node:
        if self._take_sign({"("}) is not None:
            node = self._condition()
            self._expect(")")
            return node
        token = self._peek()
        if token.kind in {"number", "text", "name"}:
            self._take()
            if token.kind == "number":
                return Literal(token.at, int(token.value) if token.value.isdigit() else float(token.value))
            return Literal(token.at, token.value) if token.kind == "text" else Column(token.at, token.value)
        if token.kind == "word":
            return self._word(token)
        raise self._unexpected("a value, a column or '('")

    def _word(self, token: Token) -> Node:
        word = token.value.lower()
        if word in {"true", "false", "null", "missing"}:
            self._take()
            return Literal(token.at, {"true": True, "false": False}.get(word))
        if word in KEYWORDS:
            raise self._unexpected("a value, a column or '('")
        self._take()
        if self._take_sign({"("}) is not None:
            return Call(token.at, word, self._arguments(at_least_one=False))
        text = self._peek()
        if word in {"date", "timestamp"} and text.kind == "text":  # as in SQL: date '2024-01-31'
            self._take()
            return Call(token.at, word, (Literal(text.at, text.value),))
        return Column(token.at, token.value)

    def _arguments(self, *, at_least_one: bool) -> tuple[Node, ...]:
        """What stands up to the closing parenthesis."""
        if not at_least_one and self._take_sign({")"}) is not None:
            return ()
        found = [self._condition()]
        while self._take_sign({","}) is not None:
            found.append(self._condition())
        self._expect(")")
        return tuple(found)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek()
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _take_word(self, word: str) -> Token | None:
        token = self._peek()
        return self._take() if token.kind == "word" and token.value.lower() == word else None

    def _take_sign(self, signs: frozenset[str] | set[str]) -> Token | None:
        token = self._peek()
        return self._take() if token.kind == "sign" and token.value in signs else None

    def _expect(self, sign: str) -> None:
        if self._take_sign({sign}) is None:
            raise self._unexpected(f"'{sign}'")

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._peek()
        found = "it ends" if token.kind == "end" else f"there is {token.value!r}"
        return ExpressionError(f"{wanted} is expected, and {found}", token.at)
