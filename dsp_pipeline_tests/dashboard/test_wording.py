import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.core.numbers import plain
from dsp_pipeline.dashboard import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (336776, "336,776"),
        (0, "0"),
        (-5, "−5"),  # noqa: RUF001 - a minus sign
        (0.123456, "0.1235"),
        (12.3456, "12.35"),
        (1234.5678, "1,235"),
        (-0.00123456, "−0.001235"),  # noqa: RUF001 - a minus sign
        (41.0, "41"),
        (1.5e-7, "1.50e−7"),  # noqa: RUF001 - a minus sign
        (2.0e20, "2.00e20"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),  # noqa: RUF001 - a minus sign
        (math.nan, "–"),  # noqa: RUF001 - an en dash
        (None, "–"),  # noqa: RUF001 - an en dash
        ("2024-01-01", "2024-01-01"),
    ],
)
def test_numbers_read_as_people_write_them(value: float | str | None, text: str) -> None:
    assert plain(wording.number(value)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.125, "12.5%"),
        (0.5, "50%"),
        (0.0001, "<0.1%"),
        (0.99999, ">99.9%"),
        (0.9984, "99.8%"),
    ],
)
def test_a_share_never_claims_all_or_nothing_falsely(share: float, text: str) -> None:
    assert plain(wording.percent(share)) == text


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_a_shown_number_is_within_a_thousandth_of_the_true_one(value: float) -> None:
    shown = plain(wording.number(value)).replace(",", "").replace(wording.MINUS, "-")
    assert float(shown) == pytest.approx(value, rel=6e-3)


@given(st.text())
def test_visible_text_hides_nothing_and_keeps_the_rest(text: str) -> None:
    shown = wording.visible(text)
    assert wording.visible(shown) == shown
    assert not any(
        hidden in shown for hidden in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x1b"
    )


def test_a_right_to_left_override_is_shown_as_what_it_is() -> None:
    assert wording.visible("abc\u202egnp.exe") == "abc⟨U+202E⟩gnp.exe"
    assert wording.visible("line\nbreak\tand tab") == "line\nbreak\tand tab"


def test_clipped_text_says_that_it_was_clipped() -> None:
    assert wording.clipped("abcdef", 4) == "abc…"
    assert wording.clipped("abcd", 4) == "abcd"


def test_small_things() -> None:
    assert plain(wording.p_value(0.00001)) == "<0.001"
    assert plain(wording.p_value(0.0421)) == "0.042"
    assert wording.p_value(None) == wording.NONE
    assert wording.plural(1, "column") == "1 column"
    assert plain(wording.plural(1200, "query", "queries")) == "1,200 queries"
    assert wording.size(812) == "812 bytes"
    assert plain(wording.size(4211)) == "4.2 kB"
    assert wording.size(31_000_000) == "31 MB"
    assert wording.sentence("its name says so") == "Its name says so."
    assert wording.sentence("Is it?") == "Is it?"
    assert wording.sentence("  ") == ""


def test_points_in_time_are_given_in_utc() -> None:
    assert wording.moment(1_700_000_000) == "2023-11-14 22:13"
    assert wording.moment(-1, day_only=True) == "1969-12-31"
    assert plain(wording.moment(1e18)) == "1.00e18"
    berlin = dt.timezone(dt.timedelta(hours=2))
    assert wording.timestamp(dt.datetime(2026, 3, 1, 14, 5, tzinfo=berlin)) == "2026-03-01 12:05 UTC"
    assert wording.timestamp(None) == wording.NONE


def test_statistics_have_labels_that_people_understand() -> None:
    assert wording.statistic_label("q25") == "25th percentile"
    assert wording.statistic_label("q01") == "1st percentile"
    assert wording.statistic_label("p11") == "11th percentile"
    assert wording.statistic_label("std") == "Standard deviation"
    assert wording.statistic_label("something_new") == "Something new"
