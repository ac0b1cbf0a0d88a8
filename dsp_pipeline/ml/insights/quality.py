"""What is wrong with the data, and what is not, as insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.profile import Alert
    from dsp_pipeline.ml.insights.view import View

_NONE = ChartHint(kind="none", columns=[])


class RowsSetAside(Pattern[int]):
    """Rows that did not make it into the table."""

    type = "rows_set_aside"
    acts = "fix"

    def measure(self, view: View) -> Iterator[Measured[int]]:
        """One candidate where rows are in quarantine."""
        validation = view.validated.validation
        if validation.rows_quarantined:
            share = validation.rows_quarantined / validation.rows_in
            yield Measured(
                columns=(),
                n=validation.rows_in,
                effect=share,
                effect_name="share of rows in quarantine",
                strength=min(1.0, 0.4 + 5 * share),
                impact=0.8,
                detail=validation.rows_quarantined,
            )

    def word(self, view: View, found: Measured[int]) -> Wording:
        """How many, of how many, and what is left."""
        return Wording(
            statement=(
                f"{words.count(found.detail)} of {words.count(found.n)} rows ({words.percent(found.effect)}) "
                f"could not be used and are in quarantine; everything here rests on the other "
                f"{words.count(view.rows)}."
            ),
            action="Mend the rows in quarantine.csv and drop the file again: each row says what is wrong with it.",
            evidence=evidence.select(("COUNT(*)", "rows")),
            chart=_NONE,
        )


class DuplicateRows(Pattern[int]):
    """Rows that occur more than once."""

    type = "duplicate_rows"
    acts = "drop"

    def measure(self, view: View) -> Iterator[Measured[int]]:
        """One candidate where there are any."""
        duplicates = view.profile.duplicate_rows
        if duplicates:
            share = duplicates / view.rows
            yield Measured(
                columns=(),
                n=view.rows,
                effect=share,
                effect_name="share of rows that repeat an earlier one",
                strength=min(1.0, 0.3 + 2 * share),
                impact=0.5,
                detail=duplicates,
            )

    def word(self, view: View, found: Measured[int]) -> Wording:
        """How many rows repeat an earlier one."""
        several = found.detail > 1
        distinct = evidence.figure("COUNT(*)", evidence.DISTINCT_ROWS)
        return Wording(
            statement=(
                f"{words.count(found.detail)} of {view.amount(found.n)} "
                f"({words.percent(found.effect)}) {'repeat' if several else 'repeats'} an earlier one in every "
                "column."
            ),
            action="Find out whether they were recorded twice; if so, drop them: they count double everywhere.",
            evidence=evidence.select((f"COUNT(*) - {distinct}", "repeated"), ("COUNT(*)", "rows")),
            chart=_NONE,
        )


class DisguisedMissing(Pattern["Alert"]):
    """A value that may stand for "missing"."""

    type = "disguised_missing"
    acts = "fix"

    def measure(self, view: View) -> Iterator[Measured[Alert]]:
        """Every such alert of the profile."""
        for alert in view.profile.alerts:
            if alert.code == "disguised_missing" and alert.column in view.columns:
                count = self._count(view, alert)
                yield Measured(
                    columns=(alert.column,),
                    n=view.profile.columns[alert.column].count,
                    effect=count / max(1, view.rows),
                    effect_name="share of rows with this value",
                    strength=min(1.0, 0.4 + count / max(1, view.rows)),
                    impact=0.6 * view.interest(alert.column),
                    detail=alert,
                )

    def word(self, view: View, found: Measured[Alert]) -> Wording:
        """The value and how often it occurs."""
        alert, name = found.detail, found.columns[0]
        said, value = words.humanise(name), words.printable(str(alert.value)) or "(blank)"
        return Wording(
            statement=words.sentence(
                f"“{value}” in {said} ({view.amount(self._count(view, alert))}) may stand for a missing value."
            ),
            action=f"Declare it as missing, or say what it means: averages and groups of {said} depend on it.",
            evidence=evidence.select((evidence.rows(_equals(view, alert)), "rows")),
            chart=ChartHint(kind="histogram" if view.columns[name].has_numbers else "bar", columns=[name]),
        )

    def _count(self, view: View, alert: Alert) -> int:
        """How many rows hold the value."""
        column = view.columns[alert.column or ""]
        if column.has_numbers:
            return int((column.finite == float(str(alert.value))).sum())
        return int((column.series.cast(str) == str(alert.value)).sum())


def _equals(view: View, alert: Alert) -> str:
    column = view.columns[alert.column or ""]
    name = evidence.identifier(column.name)
    if column.has_numbers:
        return f"{name} = {evidence.literal(float(str(alert.value)))}"
    if column.is_temporal:
        return f"CAST({name} AS VARCHAR) = {evidence.text(str(alert.value))}"
    return f"{name} = {evidence.text(str(alert.value))}"


class Complete(Pattern[int]):
    """A table without a single missing value."""

    type = "complete"

    def measure(self, view: View) -> Iterator[Measured[int]]:
        """One candidate where nothing is missing."""
        if view.rows and view.columns and not any(item.missing for item in view.profile.columns.values()):
            yield Measured(
                columns=(),
                n=view.rows,
                effect=1.0,
                effect_name="share of cells with a value",
                strength=0.3,
                impact=0.3,
                detail=len(view.columns),
            )

    def word(self, view: View, found: Measured[int]) -> Wording:
        """Rows and columns."""
        every = evidence.all_of([f"{evidence.identifier(name)} IS NOT NULL" for name in list(view.columns)[:50]])
        return Wording(
            statement=(
                f"Nothing is missing: all {view.amount(found.n)} have a value in each of the "
                f"{words.amount(found.detail, 'columns')}."
            ),
            action="Check that no placeholder such as 0 or “unknown” stands for missing.",
            evidence=evidence.select((evidence.rows(every), "rows")),
            chart=_NONE,
        )


class Size(Pattern[int]):
    """How large the table is, and how much of it is filled: true of any table."""

    type = "size"

    def measure(self, view: View) -> Iterator[Measured[int]]:
        """One candidate, ranked below all others."""
        if not view.rows or not view.columns:
            return
        filled = sum(item.count for item in view.profile.columns.values())
        yield Measured(
            columns=(),
            n=view.rows,
            effect=filled / (view.rows * len(view.columns)),
            effect_name="share of cells with a value",
            strength=0.1,
            impact=0.1,
            detail=len(view.columns),
        )

    def word(self, view: View, found: Measured[int]) -> Wording:
        """Rows and columns."""
        return Wording(
            statement=f"The table has {view.amount(found.n)} and {words.amount(found.detail, 'columns')}.",
            action="Check that this is all that was meant to be dropped.",
            evidence=evidence.select(("COUNT(*)", "rows")),
            chart=_NONE,
        )
