"""Parts of the hold-out where the model errs more than overall, by one column or two.

A search over thousands of parts finds bad ones by chance. So one half of the rows proposes (the parts whose loss
exceeds the others' by most standard errors), and the other half decides: Welch's test (1947) of each proposal,
Benjamini and Hochberg's step-up (1995) over all proposals at q <= 0.05. Scores and intervals are the deciding
half's, which did not choose the part. Where the rows are divided by group, halves are of groups, and groups are
what is tested and resampled.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from dsp_pipeline.core.artifacts.explanations import Segment
from dsp_pipeline.ml.automl.bootstrap import Resamples
from dsp_pipeline.ml.automl.metrics import interval, losses, score
from dsp_pipeline.ml.insights.explanations.differences import difference_of
from dsp_pipeline.ml.insights.explanations.slices import Slice, slices_of
from dsp_pipeline.ml.statistics.significance import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dsp_pipeline.core.sidecar import Task
    from dsp_pipeline.ml.automl.arrays import Bools, Floats, Ints
    from dsp_pipeline.ml.automl.features import Encoding

_MIN_ROWS = 30
_MIN_HALF = 12
_MIN_SHARE = 0.02
_MAX_SHARE = 0.5
_Q = 0.05
_WORSE_BY = 1.1
_MAX_SEGMENTS = 6
_MAX_SLICES = 250
_MAX_PROPOSALS = 25
_SURPRISING = 2.0
"""Standard errors above the others that a part needs in the proposing half."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """Rows of the hold-out with what the model answers for them.

    Attributes:
        table: The rows.
        task: The task.
        y: Class indices or quantities.
        response: What the model answers, from a fit that has not learnt from these rows.
        threshold: From which probability on the second of two classes is called; None for the more probable one.
        clusters: Rows with one number tell of each other; None if no two rows do.
    """

    table: pl.DataFrame
    task: Task
    y: Floats
    response: Floats
    threshold: float | None = None
    clusters: Ints | None = None

    @property
    def losses(self) -> Floats:
        """Each row's loss."""
        return losses(self.task, self.y, self.response)


@dataclasses.dataclass(frozen=True)
class _Proposal:
    """A part to be tested, of one slice or two."""

    parts: tuple[Slice, ...]
    surprise: float

    @property
    def mask(self) -> Bools:
        """Which rows are in it."""
        return np.asarray(np.all([part.mask for part in self.parts], axis=0))

    @property
    def words(self) -> str:
        """It in words."""
        return " and ".join(part.description for part in self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """What it is by."""
        return tuple(part.column for part in self.parts)

    def p(self, rows: Floats, half: Bools, clusters: Ints | None) -> float:
        """The p of its loss not exceeding the others'; of two columns not that of either part's other rows too."""
        own = self.mask
        others = [~own] if len(self.parts) == 1 else [~own, *(part.mask & ~own for part in self.parts)]
        found = [difference_of(rows, half & own, half & each, clusters) for each in others]
        return max(1.0 if each is None else each.p for each in found)


def weak_segments(judged: Judged, encodings: Sequence[Encoding], seed: int) -> list[Segment]:
    """Parts in which the headline metric is at least a tenth worse than overall, the worst first.

    A part has at least 30 rows and 2 % of them. One by two columns is there only if it is worse than both of its
    own parts by a tenth too. A column stands in one part at most.

    Args:
        judged: Rows of the hold-out.
        encodings: The model's inputs, the strongest first.
        seed: Of the division into halves.
    """
    rows = judged.losses
    floor = max(_MIN_ROWS, round(_MIN_SHARE * rows.size))
    slices = [each for encoding in encodings for each in slices_of(judged.table, encoding)]
    slices = [each for each in slices if each.mask.sum() >= floor][:_MAX_SLICES]
    if not slices:
        return []
    proposing = _half(judged, seed)
    proposals = _proposed(slices, rows, proposing, floor=floor)
    return _confirmed(proposals, judged, rows, ~proposing, seed=seed)


def _half(judged: Judged, seed: int) -> Bools:
    """Half of the rows; a cluster as a whole."""
    units = np.arange(judged.y.size) if judged.clusters is None else judged.clusters
    count = int(units.max()) + 1
    chosen = np.zeros(count, bool)
    chosen[np.random.default_rng([seed, 23]).permutation(count)[: count // 2]] = True
    return np.asarray(chosen[units])


def _proposed(slices: Sequence[Slice], rows: Floats, half: Bools, *, floor: int) -> list[_Proposal]:
    """The most surprising parts of the proposing half."""
    masks = np.array([each.mask for each in slices])
    inside = masks[:, half].astype(np.float32)
    loss = rows[half]
    counts, sums, squares = (
        (inside * weight.astype(np.float32)) @ inside.T for weight in (np.ones_like(loss), loss, loss**2)
    )
    total = masks.astype(np.float32) @ masks.T.astype(np.float32)
    surprise = _surprises(counts.astype(np.float64), sums.astype(np.float64), squares.astype(np.float64), loss)
    names = np.array([each.column for each in slices])
    same = (names[:, None] == names) & ~np.eye(len(slices), dtype=bool)
    is_sized = (total >= floor) & (total <= _MAX_SHARE * rows.size) & (counts >= _MIN_HALF)
    means = sums / np.maximum(counts, 1)
    alone = np.diag(means)
    worst_part = np.maximum(alone[:, None], alone)
    adds = np.eye(len(slices), dtype=bool) | (means >= _WORSE_BY * worst_part)
    surprise[~is_sized | same | ~adds | (surprise < _SURPRISING)] = -np.inf
    surprise[np.tril_indices(len(slices), -1)] = -np.inf
    order = np.argsort(-surprise, axis=None, kind="stable")[:_MAX_PROPOSALS]
    pairs = [divmod(int(each), len(slices)) for each in order if np.isfinite(surprise.flat[each])]
    return [_proposal(slices[first], slices[second], float(surprise[first, second])) for first, second in pairs]


def _proposal(first: Slice, second: Slice, surprise: float) -> _Proposal:
    return _Proposal((first,) if first is second else (first, second), surprise)


def _surprises(counts: Floats, sums: Floats, squares: Floats, loss: Floats) -> Floats:
    """The difference of the mean loss inside and outside, in standard errors (Welch)."""
    outside = loss.size - counts
    inner, outer = sums / np.maximum(counts, 1), (loss.sum() - sums) / np.maximum(outside, 1)
    spread = np.maximum(squares / np.maximum(counts, 1) - inner**2, 0) / np.maximum(counts - 1, 1)
    beyond = np.maximum((np.sum(loss**2) - squares) / np.maximum(outside, 1) - outer**2, 0)
    spread += beyond / np.maximum(outside - 1, 1)
    return np.asarray(np.where(spread > 0, (inner - outer) / np.sqrt(np.where(spread > 0, spread, 1)), 0.0))


def _confirmed(
    proposals: Sequence[_Proposal], judged: Judged, rows: Floats, half: Bools, *, seed: int
) -> list[Segment]:
    """The proposals that the other half confirms, worst first; each column once."""
    task, clusters = judged.task, judged.clusters
    tested = [each for each in proposals if (half & each.mask).sum() >= _MIN_HALF]
    qs = benjamini_hochberg([each.p(rows, half, clusters) for each in tested])
    overall = score(task, rows[half])
    scores = [score(task, rows[half & each.mask]) for each in tested]
    found = [
        (each, there, q)
        for each, there, q in zip(tested, scores, qs, strict=True)
        if q is not None and q <= _Q and there >= _WORSE_BY * overall
    ]
    kept: list[Segment] = []
    used: set[str] = set()
    for proposal, there, q in sorted(found, key=lambda each: (-each[1], each[0].words)):
        if used.isdisjoint(proposal.columns) and len(kept) < _MAX_SEGMENTS:
            used |= set(proposal.columns)
            there_half = half & proposal.mask
            units = None if clusters is None else clusters[there_half]
            own = rows[there_half]
            low, high = interval(task, own, Resamples.of(own.size, units, seed))
            kept.append(_segment(proposal, (there, low, high), overall=overall, q=q))
    return kept


def _segment(proposal: _Proposal, scores: tuple[float, float, float], *, overall: float, q: float) -> Segment:
    there, low, high = scores
    return Segment(
        description=proposal.words,
        columns=list(proposal.columns),
        rows=int(proposal.mask.sum()),
        score=there,
        overall=overall,
        ci_low=low,
        ci_high=high,
        q=q,
    )
