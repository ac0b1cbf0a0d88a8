"""From everything so far to ranked insights: measure all, keep what holds up, say the best."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dsp_pipeline.core.artifacts.insights import Insight, Insights
from dsp_pipeline.ml.insights.patterns import PATTERNS
from dsp_pipeline.ml.insights.ranking import Candidate, Ranked, ranked
from dsp_pipeline.ml.insights.view import View
from dsp_pipeline.ml.statistics.significance import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.explanations import Explanations
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.profile import Profile
    from dsp_pipeline.etl.tables import ValidatedTable
    from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

Q_THRESHOLD = 0.05
MOST_INSIGHTS = 30
_ID_LENGTH = 12


def generate(
    validated: ValidatedTable, profile: Profile, model: ModelReport, explanations: Explanations, *, seed: int = 0
) -> Insights:
    """What is worth saying about a table, best first.

    Facts describe the table and claim nothing beyond it. Findings passed a test: over all tests that were run in
    this version, whether or not they led to a statement, the false discovery rate is held at 5 % (Benjamini-
    Hochberg), and the effect is large enough to matter. How each pattern tests, and how the list is ordered, is in
    docs/user-guide/insights.md.

    Args:
        validated: The table.
        profile: Its profile.
        model: The model's report; without a target its insights are left out.
        explanations: The model's explanations.
        seed: Decides which rows are searched and which confirm.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        # Sums that no double holds fail every test; they need no warning.
        return _generate(View(validated, profile, model, explanations, seed))


def _generate(view: View) -> Insights:
    measured = [(pattern, found) for pattern in PATTERNS for found in pattern.measure(view)]
    wordings = _Wordings(view)
    candidates = [
        Candidate(pattern, found, q)
        for (pattern, found), q in zip(measured, _q_values(measured, wordings), strict=True)
        if q is None or q <= Q_THRESHOLD
    ]
    best = ranked(
        candidates,
        view.families,
        lambda candidate: wordings.of(candidate.pattern, candidate.found),
        focus=view.model.target,
        most=MOST_INSIGHTS,
    )
    return Insights(
        tests_run=sum(found.p is not None for _, found in measured),
        q_threshold=Q_THRESHOLD,
        insights=[_insight(each) for each in best],
    )


class _Wordings:
    """Candidates in words, each put so once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._made: dict[int, Wording | None] = {}

    def of(self, pattern: Pattern[Any], found: Measured[Any]) -> Wording | None:
        """A candidate in words; None where they would not hold what the test says."""
        if id(found) not in self._made:
            self._made[id(found)] = pattern.word(self._view, found)
        return self._made[id(found)]


def _q_values(measured: Sequence[tuple[Pattern[Any], Measured[Any]]], wordings: _Wordings) -> list[float | None]:
    """The q of each test, those that lead to no statement counted with p = 1.

    Words are looked for only where the procedure holds a test for true: with more p of 1 it holds fewer for true,
    and so all that it does then have words.
    """
    counted = [_counted(pattern, found) for pattern, found in measured]
    for place, q in enumerate(benjamini_hochberg(counted)):
        pattern, found = measured[place]
        if q is not None and q <= Q_THRESHOLD and pattern.may_lack_words and wordings.of(pattern, found) is None:
            counted[place] = 1.0
    return benjamini_hochberg(counted)


def _counted(pattern: Pattern[Any], found: Measured[Any]) -> float | None:
    """The p that enters the procedure: 1 below the effect's floor.

    No p under the null hypothesis gets smaller that way, so that the rate holds for what is left. Leaving small
    effects out afterwards would not keep it: the rate is that of the whole list.
    """
    is_small = found.p is not None and abs(found.effect) < pattern.least_effect
    return 1.0 if is_small else found.p


def _insight(each: Ranked) -> Insight:
    found, wording, kind = each.candidate.found, each.wording, each.candidate.pattern.type
    return Insight(
        id=_identity(kind, list(found.columns), dict(found.subspace)),
        kind="fact" if found.p is None else "finding",
        type=kind,
        statement=wording.statement,
        columns=list(found.columns),
        subspace=dict(found.subspace),
        n=found.n,
        effect=found.effect if math.isfinite(found.effect) else 0.0,
        effect_name=found.effect_name,
        ci=found.ci,
        p=found.p,
        q=each.candidate.q,
        score=each.score,
        action=wording.action,
        action_kind=wording.acts or each.candidate.pattern.acts,
        confirmed_on=found.confirmed_on,
        evidence=wording.evidence,
        chart=wording.chart,
    )


def _identity(kind: str, columns: list[str], subspace: dict[str, str]) -> str:
    """A name that stays the same from version to version for the same statement."""
    text = "\x1f".join([kind, *columns, *(f"{name}={value}" for name, value in sorted(subspace.items()))])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_LENGTH]
