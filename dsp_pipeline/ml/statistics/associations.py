"""How strongly each two columns go together, with the false discovery rate over all pairs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.profile import Association
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.blocks import FEWEST_ROWS, groups_of, measure_all, rankings
from dsp_pipeline.ml.statistics.descriptive import entropy_bits
from dsp_pipeline.ml.statistics.discoveries import discovery_rates
from dsp_pipeline.ml.statistics.information import informed_pairs
from dsp_pipeline.ml.statistics.kendall import kendall, rows_to_compare
from dsp_pipeline.ml.statistics.measured import Measured, Variable, variable_of
from dsp_pipeline.ml.statistics.partial import partials
from dsp_pipeline.ml.statistics.screening import Screened, screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column

MOST_COLUMNS = 100
MOST_PAIRS_IN_FULL = 1_000
BRIEF = frozenset({"pearson", "spearman", "cramers_v", "correlation_ratio"})
"""The measures that are kept of pairs beyond the `MOST_PAIRS_IN_FULL` strongest."""
_MOST_PARTIALS = 300
_MOST_WORK = 60_000_000
_MOST_COUNTED = 300_000_000
_FEWEST_SAMPLED = 5_000
_FOUND = 0.05


@dataclasses.dataclass(frozen=True)
class Associations:
    """All pairs measured, and what was left out to bound the cost.

    Attributes:
        pairs: In the table's order of columns, each with its measures.
        left_out: Columns of which not every pair was measured, beyond the `MOST_COLUMNS` most variable ones.
        sampled_rows: How many rows were looked at, if not all.
        screened: What came of looking at the pairs of columns left out.
    """

    pairs: list[Association]
    left_out: list[str]
    sampled_rows: int | None
    screened: Screened | None = None


def associate(
    columns: Sequence[Column], profiles: dict[str, ColumnProfile], *, target: str | None = None, seed: int
) -> Associations:
    """The associations of a table's columns.

    Two columns of numbers (points in time included, but for Pearson's r) get Pearson's r, Spearman's rho and
    Kendall's tau; two of labels Cramér's V and Theil's U both ways; mixed ones the correlation ratio; all of
    them mutual information. Related numbers get the partial correlation given their strongest confounder.
    Constant, empty, text and identifier columns have none.

    Args:
        columns: The table's columns.
        profiles: Their profiles; histograms and counts decide which columns vary most.
        target: A column that is measured however little it varies.
        seed: For the samples of rows that are taken where looking at all would cost too much.
    """
    eligible = [column for column in columns if _is_eligible(column, profiles[column.name])]
    kept = _most_variable(eligible, profiles, target)
    names = {column.name for column in kept}
    variables = [variable_of(column, position) for position, column in enumerate(kept)]
    rows = len(columns[0].series) if columns else 0
    found, sampled = _measure(variables, rows, np.random.default_rng(seed))
    pairs = _named(found, kept)
    left_out = [column.name for column in eligible if column.name not in names]
    if not left_out:
        return Associations(pairs, left_out, sampled)
    measured = [place for place, column in enumerate(eligible) if column.name in names]
    screened = screen(eligible, measured, target=target, seed=seed)
    rates = discovery_rates(screened.found, pairs=screened.pairs)
    pairs += _named(sorted(zip(screened.found, rates, strict=True), key=lambda item: item[0].place), eligible)
    return Associations(pairs, left_out, sampled, screened)


def _named(found: Iterable[tuple[Measured, float | None]], columns: Sequence[Column]) -> list[Association]:
    """The figures with the names of the columns that their positions are in."""
    return [
        Association(
            a=columns[figure.a].name,
            b=columns[figure.b].name,
            measure=figure.measure,
            value=figure.value,
            n=figure.n,
            p=figure.p,
            q=q,
            error=figure.error,
            given=None if figure.given is None else columns[figure.given].name,
        )
        for figure, q in found
    ]


def _is_eligible(column: Column, profile: ColumnProfile) -> bool:
    if column.kind in {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.TEXT, ColumnKind.IDENTIFIER}:
        return False
    return profile.distinct > 1 and profile.count >= FEWEST_ROWS


def _most_variable(columns: list[Column], profiles: dict[str, ColumnProfile], target: str | None) -> list[Column]:
    """At most `MOST_COLUMNS`, by bits of information a row: entropy times the share of rows with a value."""
    if len(columns) <= MOST_COLUMNS:
        return columns

    def bits(column: Column) -> float:
        profile = profiles[column.name]
        counts = profile.histogram.counts if profile.histogram else [top.count for top in profile.top_values]
        return entropy_bits(np.array(counts or [1])) * profile.count / (profile.count + profile.missing)

    ranked = sorted(range(len(columns)), key=lambda index: (-bits(columns[index]), index))
    best = sorted(ranked, key=lambda index: columns[index].name != target)[:MOST_COLUMNS]
    return [columns[index] for index in sorted(best)]


def _measure(
    variables: list[Variable], rows: int, rng: np.random.Generator
) -> tuple[list[tuple[Measured, float | None]], int | None]:
    """Every figure with its q, sorted; and how many rows were looked at, if not all."""
    groups = groups_of(variables)
    work = rankings(groups)
    affordable = rows if work * rows <= _MOST_WORK else min(rows, max(_FEWEST_SAMPLED, _MOST_WORK // work))
    if affordable < rows:
        variables = _sample(variables, rows, affordable, rng)
        groups = groups_of(variables)
    numbers = [variable for variable in variables if variable.numbers is not None]
    compared = rows_to_compare(len(numbers), affordable)
    counted = min(affordable, max(_FEWEST_SAMPLED, _MOST_COUNTED // max(1, len(variables) ** 2)))
    measured = list(measure_all(groups))
    found = [
        *(measured if affordable == rows else [figure.of_a_sample() for figure in measured]),
        *kendall(_sample(numbers, affordable, compared, rng), rows=rows),
        *informed_pairs(_sample(variables, affordable, counted, rng), rows=rows),
    ]
    found += partials(variables, _related(found), [figure for figure in found if figure.measure == "pearson"])
    judged = _in_bounds(list(zip(found, discovery_rates(found), strict=True)))
    judged.sort(key=lambda item: item[0].place)
    return judged, affordable if affordable < rows else None


def _related(found: list[Measured]) -> list[tuple[int, int]]:
    """The pairs of numbers whose correlation is no chance, the strongest first, at most `_MOST_PARTIALS`."""
    rates = discovery_rates(found)
    related = [
        figure
        for figure, q in zip(found, rates, strict=True)
        if figure.measure == "pearson" and q is not None and q <= _FOUND
    ]
    related.sort(key=lambda figure: (-abs(figure.value), figure.pair))
    return [figure.pair for figure in related[:_MOST_PARTIALS]]


def _in_bounds(judged: list[tuple[Measured, float | None]]) -> list[tuple[Measured, float | None]]:
    """All measures of the pairs least likely to be chance, and of all others only the `BRIEF` ones."""
    best: dict[tuple[int, int], tuple[float, float]] = {}
    for figure, q in judged:
        if figure.measure in BRIEF:
            rank = (1.0 if q is None else q, -abs(figure.value))
            best[figure.pair] = min(rank, best.get(figure.pair, rank))
    if len(best) <= MOST_PAIRS_IN_FULL:
        return judged
    full = set(sorted(best, key=lambda pair: (best[pair], pair))[:MOST_PAIRS_IN_FULL])
    return [item for item in judged if item[0].measure in BRIEF or item[0].pair in full]


def _sample(variables: list[Variable], rows: int, wanted: int, rng: np.random.Generator) -> list[Variable]:
    if wanted >= rows:
        return variables
    chosen = np.sort(rng.choice(rows, wanted, replace=False))
    return [variable.restricted(chosen) for variable in variables]
