"""Which pairs are more than chance: one p for each pair, and the false discovery rate over the pairs.

Several measures of one pair are several looks at one question. Each pair therefore gets one p, Bonferroni's over
those of its measures whose p holds for any shape of distribution (`JUDGES`); a heavy tail cannot make a
discovery. The pairs' p go through the step-up procedure in the form of Benjamini & Yekutieli, which holds under
any dependence: pairs share columns, and two-sided tests of them are not known to have the positive dependence
that Benjamini & Hochberg's own form asks for. See docs/decisions/0010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.ml.statistics.significance import StepUp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.statistics.measured import Measured

JUDGES = frozenset({"spearman", "cramers_v", "correlation_ratio", "mutual_information"})


def discovery_rates(found: Sequence[Measured], *, pairs: int | None = None) -> list[float | None]:
    """The q of each figure: the least false discovery rate over the pairs at which it counts as found.

    A figure is found where its pair is, and where its own p, times the number of measures that judge the pair,
    is within the same bound (after Benjamini & Bogomolov 2014, J. R. Stat. Soc. B 76:297-318). None where a
    figure has no p or its pair was not judged.

    Args:
        found: The figures.
        pairs: How many pairs were looked at, if only some of them were measured.
    """
    judging: dict[tuple[int, int], list[float]] = {}
    for figure in found:
        if figure.measure in JUDGES and figure.p is not None:
            judging.setdefault(figure.pair, []).append(figure.p)
    pair_p = {pair: min(1.0, len(ps) * min(ps)) for pair, ps in judging.items()}
    step_up = StepUp.under_any_dependence(np.array(list(pair_p.values()), dtype=np.float64), tests=pairs)
    asked = [
        max(pair_p[figure.pair], len(judging[figure.pair]) * figure.p)
        if figure.p is not None and figure.pair in pair_p
        else np.nan
        for figure in found
    ]
    rates = step_up.adjusted(np.array(asked, dtype=np.float64))
    return [None if np.isnan(rate) else float(rate) for rate in rates]
