"""What a number would spoil: digits that are names, and numbers of more digits than a float keeps."""

from __future__ import annotations

import decimal
import re
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.numbers import NumberStyle

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.reading import Dtype

LEADING_ZERO = r"^[+-]?0\d"
LONG_DIGITS = r"^[+-]?\d{16,}$"
_LONG_BYTES = 16
LONG_PHONE = r"^\+\d{8,}$|^\+(?:[ ()/-]?\d){10,}$"
_CODE = f"{LEADING_ZERO}|{LONG_DIGITS}|{LONG_PHONE}"
_SAFE_DIGITS = 15
"""A float of 64 bits keeps every decimal number of so many digits (IEEE 754, DBL_DIG)."""

_CODE_NAME = re.compile(
    r"(?:^|_)(?:zip|zip_?code|postcode|post_code|postal_?code|plz|postleitzahl|phone|phone_?(?:number|no)|tel|telefon"
    r"|telephone|mobile|mobil|handy|fax|iban|bic|isbn|issn|ean|gtin|upc|ssn|vin|imei|blz|kontonummer|siren|siret)$",
    re.IGNORECASE,
)
_CHUNK = 10_000

DECIMAL_PLACES = 9
TOO_FINE = rf"\.\d{{{DECIMAL_PLACES}}}\d*[1-9]|[eE]"
"""What of a plain number the type ``decimal`` of tables would round, or does not read."""


def is_named_code(name: str) -> bool:
    """Whether a column's name says that its digits count nothing: postal codes, phone and account numbers."""
    return _CODE_NAME.search(name) is not None


def are_codes(series: pl.Series, dtype: Dtype) -> bool:
    """Whether there are leading zeros, phone numbers, or more digits than the type keeps."""
    suspects = _like_codes(series)
    suspects = suspects.filter(suspects.str.contains(_CODE))
    if suspects.is_empty():
        return False
    if suspects.str.contains(f"{LEADING_ZERO}|{LONG_PHONE}").any():
        return True
    digits = suspects.filter(suspects.str.contains(LONG_DIGITS))
    return dtype == "int64" and digits.cast(pl.Int64, strict=False).null_count() > 0


def _like_codes(series: pl.Series) -> pl.Series:
    """The few texts that begin as a code or are as long as one, which is seen sooner than a pattern matches."""
    # Signs and zeros sort before the other digits.
    found = series.filter((series < "1") | (series.str.len_bytes() >= _LONG_BYTES))
    return found.filter(~found.str.starts_with("0.") | (found.str.len_bytes() >= _LONG_BYTES))


def is_rounded(text: pl.Series, values: pl.Series, form: str | None) -> bool:
    """Whether any number of a column, read as a float, is another one than was written.

    A float that was written with more digits than it has is no other number: written anew with as many digits it
    gives the same text. All rows are looked at; those with at most 15 digits can't fail.

    Args:
        text: The column's texts.
        values: The same as Float64; null where a text is no number.
        form: How the numbers are written.
    """
    is_long = (text.str.len_bytes() > _SAFE_DIGITS) & values.is_not_null()
    if not is_long.any():
        return False
    written = NumberStyle.from_format(form).plain_text(text.filter(is_long).str.strip_chars())
    # Databases write numeric(38, 18) with all its zeros, which say nothing.
    plain = written.str.replace(r"(\.\d*?)0+$", "$1")
    floats = values.filter(is_long)
    digits = plain.str.replace(r"[eE].*$", "").str.replace(r"^[+-]?[0.]*", "").str.count_matches(r"\d")
    is_other = (digits > _SAFE_DIGITS) & (plain != floats.cast(pl.String))
    suspects, readings = plain.filter(is_other), floats.filter(is_other)
    return any(
        not _is_the_same(one, value)
        for start in range(0, len(suspects), _CHUNK)
        for one, value in zip(suspects[start : start + _CHUNK], readings[start : start + _CHUNK], strict=True)
    )


def _is_the_same(written: str, value: float) -> bool:
    exact = decimal.Decimal(written)
    if exact == decimal.Decimal(repr(value)):
        return True
    if "e" in written.lower():
        return exact == decimal.Decimal(f"{value:.{len(exact.as_tuple().digits) - 1}e}")
    places = -int(exact.as_tuple().exponent)
    return places > 0 and exact == decimal.Decimal(f"{value:.{places}f}")
