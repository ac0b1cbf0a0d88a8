import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.dashboard.palette import CANONICAL, MIN_CONTRAST, Palette, contrast, mixed, themes

TEXTS = ("ink", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("surface", "page", "sunken")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_what_webaims_checker_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def readable(palette: Palette) -> None:
    for text in TEXTS:
        for ground in GROUNDS:
            assert contrast(getattr(palette, text), getattr(palette, ground)) >= MIN_CONTRAST, (text, ground)
    assert contrast(palette.accent, palette.soft) >= MIN_CONTRAST
    assert contrast(palette.on_accent, palette.accent) >= MIN_CONTRAST
    assert contrast(palette.on_accent, palette.fill) >= MIN_CONTRAST
    for cell in (palette.cell, palette.cell_low, palette.middle, palette.sunken):
        assert contrast(palette.ink, cell) >= MIN_CONTRAST


def test_every_text_colour_can_be_read_on_every_ground_in_both_themes() -> None:
    readable(themes().light)
    readable(themes().dark)


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_accent_an_owner_asks_for_can_be_read(accent: str) -> None:
    chosen = themes(accent)
    for palette in (chosen.light, chosen.dark):
        for ground in ("surface", "page", "sunken", "soft"):
            assert contrast(palette.accent, getattr(palette, ground)) >= MIN_CONTRAST
        assert contrast(palette.ink, palette.cell) >= MIN_CONTRAST
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in dataclasses.asdict(palette).values())


def test_a_readable_accent_stays_as_it_is() -> None:
    assert themes("#0a6b4d").light.accent == "#0a6b4d"


def test_series_can_be_told_apart_without_hue() -> None:
    for palette in (themes().light, themes().dark):
        assert contrast(palette.accent, palette.surface) >= 3
        assert contrast(palette.second, palette.surface) >= 3


def test_each_canonical_colour_stands_for_one_role() -> None:
    colours = list(dataclasses.asdict(CANONICAL).values())
    assert len(set(colours)) == len(colours)
    assert themes("#0a6b4d").swaps()[CANONICAL.accent] == ("#0a6b4d", themes("#0a6b4d").dark.accent)


def test_a_mix_lies_between_its_colours() -> None:
    assert mixed("#ffffff", "#000000", 0.5) == "#808080"
    assert mixed("#123456", "#ffffff", 1.0) == "#123456"
