from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline.ml.statistics.wording import text_profile
from dsp_pipeline_tests.ml.tables import validated

TEXTS = pl.Series("note", ["Call back later!", "call BACK at 10", None, "", "l'été à Paris", "тест"])


def test_characters_and_scripts_are_shared_out() -> None:
    found = text_profile(TEXTS)
    assert found is not None
    total = sum(len(text) for text in TEXTS.drop_nulls())
    assert found.texts == 5
    assert found.characters["digits"] == pytest.approx(2 / total)
    assert found.characters["spaces"] == pytest.approx(7 / total)
    letters = sum(mark.isalpha() for text in TEXTS.drop_nulls() for mark in text)
    assert found.scripts == pytest.approx({"Latin": (letters - 4) / letters, "Cyrillic": 4 / letters})


def test_words_and_pairs_are_counted_without_case_and_within_one_text() -> None:
    found = text_profile(TEXTS)
    assert found is not None
    assert [(word.value, word.count) for word in found.words] == [("back", 2), ("call", 2)]
    assert [(pair.value, pair.count) for pair in found.pairs] == [("call back", 2)]


def test_no_text_has_no_profile() -> None:
    assert text_profile(pl.Series("x", [None, None], dtype=pl.String)) is None


def test_words_are_not_shown_where_texts_hold_personal_data() -> None:
    texts = [f"please call {row % 7} again" for row in range(300)]
    shown = build_profile(validated(pl.DataFrame({"note": texts}), kinds={"note": ColumnKind.TEXT}))
    assert shown.columns["note"].text is not None
    assert shown.columns["note"].text.words[0].value == "again"
    texts[4] = "please call ada@example.org again"
    hidden = build_profile(validated(pl.DataFrame({"note": texts}), kinds={"note": ColumnKind.TEXT}))
    assert hidden.columns["note"].text is not None
    assert hidden.columns["note"].text.words == []


def test_points_in_time_are_shared_out_over_weekdays_months_and_hours() -> None:
    # 1 January 2024 was a Monday.
    start = dt.datetime(2024, 1, 1, 9, 30)  # noqa: DTZ001 - tables hold times without a zone
    times = [start, start + dt.timedelta(days=6), start + dt.timedelta(days=31, hours=3), None]
    found = build_profile(validated(pl.DataFrame({"at": times}))).columns["at"].calendar
    assert found is not None
    assert found.weekdays == [1, 0, 0, 1, 0, 0, 1]
    assert found.months == [2, 1, *[0] * 10]
    assert [(hour, rows) for hour, rows in enumerate(found.hours) if rows] == [(9, 2), (12, 1)]
