"""What the what-if form's controls hold: a row's own cells until its reader changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline_tests.pages import with_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

_LABELS = 5_000
_HELD = """([control, cell, typed]) => {
    const column = { name: 'x', control, low: 0, high: 1 };
    const made = window.dspWhatIf.control(column, { labels: ['a', 'b'] }, 0, () => {});
    const field = made.box.querySelector('.field');
    made.set(cell);
    const before = made.get();
    const first = field.value;
    const type = (value) => { field.value = value; return made.get(); };
    return [before, type(typed), type(first)];
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts that make controls."""
    with with_scripts(browser, "numbers", "elements", "what-if/inputs", "what-if/controls") as opened:
        yield opened


@pytest.mark.parametrize(
    ("control", "cell", "typed", "then"),
    [
        ("text", "two\r\nlines", "one line", "one line"),
        ("text", "", "a word", "a word"),
        ("timestamp", "2024-01-31T00:00:00", "2024-02-01T12:30:05", "2024-02-01T12:30:05"),
        ("date", "12024-01-31", "2024-01-31", "2024-01-31"),
        ("time", "12:30:00", "12:30:05", "12:30:05"),
        ("category", "a label that was never learnt from", "=b", "b"),
        ("number", 0.1 + 0.2, "0.25", 0.25),
        ("flag", None, "true", True),
    ],
)
def test_a_cell_stays_as_it_is_in_its_row_until_it_is_changed_and_when_it_is_changed_back(
    page: Page, control: str, cell: str | float | None, typed: str, then: str | float
) -> None:
    assert page.evaluate(_HELD, [control, cell, typed]) == [cell, then, cell]


def test_a_choice_of_thousands_of_labels_is_ordered_by_one_collator(page: Page) -> None:
    """`localeCompare` with options makes a collator for each pair: seconds for a wide table."""
    pairs, shown = page.evaluate(
        """(count) => {
            const labels = Array.from({ length: count }, (_, place) => `label ${(place * 7919) % count}`);
            const compare = String.prototype.localeCompare;
            let pairs = 0;
            String.prototype.localeCompare = function (...rest) { pairs += 1; return compare.apply(this, rest); };
            const made = window.dspWhatIf.control({ name: 'x', control: 'category' }, { labels }, 0, () => {});
            String.prototype.localeCompare = compare;
            return [pairs, [...made.box.querySelectorAll('option')].map((each) => each.textContent)];
        }""",
        _LABELS,
    )
    assert pairs == 0
    assert shown[:_LABELS] == [f"label {number}" for number in range(_LABELS)]
