"""What personal data looks like within a text: e-mail addresses, phone, card and account numbers.

Only what can be told by its form is found here. Names and street addresses cannot; whole columns of them are found
by `dsp_pipeline.ml.statistics.meanings`.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EMAIL = "e-mail address"
PHONE = "phone number"
IBAN = "IBAN"
CARD = "card number"
SOCIAL_SECURITY = "social security number"
IP_ADDRESS = "IP address"
PERSON_NAME = "person's name"
STREET_ADDRESS = "street address"

_CARD_PREFIX = re.compile(r"4|5[1-5]|2[2-7]|3[0-9]|6")
"""First digits of Visa, Mastercard, American Express, Diners Club, JCB, Discover and Maestro (ISO/IEC 7812)."""

_CARD_DIGITS = range(13, 20)
_PHONE_DIGITS = range(8, 16)
_MODULUS = 97
_DOUBLED_LIMIT = 9


@dataclasses.dataclass(frozen=True)
class Form:
    """One thing that can be told by its form.

    Attributes:
        meaning: What it is.
        looks: The text of one of them.
        holds: Whether a text that looks so is one, by its check digits or their number.
    """

    meaning: str
    looks: re.Pattern[str]
    holds: Callable[[str], bool]

    def hidden(self, found: re.Match[str]) -> str:
        """What is shown in the place of a part of a text that looks like one of these."""
        return placeholder(self.meaning) if self.holds(found.group()) else found.group()

    def is_whole(self, text: str) -> bool:
        """Whether the text is one of these and nothing else."""
        stripped = text.strip()
        return self.looks.fullmatch(stripped) is not None and self.holds(stripped)


def digits_of(text: str) -> str:
    """The text's ASCII digits."""
    return "".join(mark for mark in text if mark in "0123456789")


def is_card(text: str) -> bool:
    """Whether the digits are a payment card's: 13 to 19, a scheme's prefix, and Luhn's check digit.

    The check is that of ISO/IEC 7812-1, annex B (Luhn 1960, US patent 2,950,048).
    """
    digits = digits_of(text)
    if len(digits) not in _CARD_DIGITS or not _CARD_PREFIX.match(digits) or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > _DOUBLED_LIMIT else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the text is an international bank account number by its check digits (ISO 13616: mod 97 is 1)."""
    bare = text.replace(" ", "").upper()
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(mark, 36)) for mark in turned)) % _MODULUS == 1


def _is_phone(text: str) -> bool:
    return len(digits_of(text)) in _PHONE_DIGITS


def _always(_: str) -> bool:
    return True


_EDGE = r"(?<![^\W_])"
_BEGIN = r"(?<![^\s@,;:<>()\[\]\"'|])"
"""Where an address may begin: without it, a long word without one is searched anew from each of its letters."""

FORMS: tuple[Form, ...] = (
    Form(EMAIL, re.compile(_BEGIN + r"[^\s@,;:<>()\[\]\"'|]+@[^\s@,;:<>()\[\]\"'|]+\.[^\W\d_]{2,}"), _always),
    Form(IBAN, re.compile(_EDGE + r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![^\W_])"), is_iban),
    Form(CARD, re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-])"), is_card),
    Form(PHONE, re.compile(r"(?<!\w)(?:\+|00)[1-9]\d{0,2}(?:[ ()/.-]{0,2}\d){6,13}(?!\w)"), _is_phone),
    Form(SOCIAL_SECURITY, re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"), _always),
)
"""In the order in which a text is searched: an account number's digits must not pass for a card's."""

SUSPICION = r"@|\+[1-9]|\b00[1-9]|[A-Z]{2}\d{2} ?[A-Z0-9]{4}|\d(?:[ -]?\d){12}|\d{3}-\d{2}-\d{4}"
"""Matches every text that `scrubbed` could change, and few others; for Polars."""


def scrubbed(text: str) -> str:
    """The text with all that can be told to be personal data replaced by what it is in brackets."""
    for form in FORMS:
        text = form.looks.sub(form.hidden, text)
    return text


def placeholder(meaning: str) -> str:
    """What stands in the place of a value."""
    return f"[{meaning}]"
