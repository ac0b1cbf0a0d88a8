"""The model card (Mitchell et al. 2019): what a model is for and made from, how good it is, where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.explanations import CardPart
from dsp_pipeline.core.numbers import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.explanations import Fairness, Segment
    from dsp_pipeline.core.artifacts.model import LeaderboardEntry, ModelReport
    from dsp_pipeline.etl.tables import ValidatedTable

_FEW_ROWS = 200
_KINDS = {
    "binary": "which of two classes a row is in",
    "multiclass": "which of several classes a row is in",
    "ordinal": "which of several ordered classes a row is in",
    "regression": "a quantity",
    "count": "a count",
}
_SPLITS = {
    "time": "rows that came after all it learnt from",
    "group": "groups that it had not seen",
    "stratified": "rows drawn at random from the same table",
    "random": "rows drawn at random from the same table",
}


def model_card(
    validated: ValidatedTable, report: ModelReport, segments: Sequence[Segment], fairness: Sequence[Fairness]
) -> list[CardPart]:
    """The card of a model that was fitted; every sentence follows from the reports."""
    parts = {
        "What it does": _purpose(report),
        "What it was made from": _data(validated, report),
        "How good it is": _quality(report),
        "Where it is weak": _limits(report, segments, fairness),
        "When not to use it": _misuse(report, fairness),
    }
    return [CardPart(title=title, lines=lines) for title, lines in parts.items() if lines]


def _purpose(report: ModelReport) -> list[str]:
    columns = len({each.column for each in report.features})
    task = _KINDS.get(report.task or "", "")
    return [
        f"It predicts {report.target} ({task}) from {columns} columns.",
        f"The model that is served is {report.best}; {report.worded('target_reason')}.",
    ]


def _data(validated: ValidatedTable, report: ModelReport) -> list[str]:
    source = validated.reading.source
    lines = [
        (
            f"Dataset {source.dataset}, version {source.version}: {written(validated.table.height)} rows, of which"
            f" {written(report.rows_used)} have a usable {report.target} and were used."
        )
    ]
    quarantined = validated.validation.rows_quarantined
    if quarantined:
        lines.append(
            f"{written(quarantined)} rows of the file were set aside because they broke a rule or could "
            "not be read."
        )
    if report.split is not None:
        split = report.split
        lines.append(
            f"{written(split.train_rows)} rows to learn from, {written(split.holdout_rows)} to judge "
            f"by: {split.worded('reason')}."
        )
    if report.leakage:
        named = ", ".join(each.column for each in report.leakage)
        lines.append(f"Left out because they give {report.target} away: {named}.")
    return [*lines, *(f"{note[:1].upper()}{note[1:]}." for note in report.marked().notes)]


def _quality(report: ModelReport) -> list[str]:
    best = _best(report)
    lines = [f"{report.worded('verdict').rstrip('.')}."]
    if best is not None and report.metric is not None and report.split is not None:
        lines.append(
            f"{report.metric.name} {written(best.holdout, '.4g')} (95% interval "
            f"{written(best.ci_low, '.4g')} to {written(best.ci_high, '.4g')}) on"
            f" {_SPLITS[report.split.kind]}."
        )
    measured = {} if report.evaluation is None else report.evaluation.metrics
    if "calibration_error" in measured:
        lines.append(
            f"Its probabilities are off by {written(100 * measured['calibration_error'], '.1f')} points "
            "on average."
        )
    if "interval_coverage" in measured:
        lines.append(
            f"Its 90% ranges held the truth in {written(measured['interval_coverage'], '.1%')} of the "
            "rows that judge."
        )
    return lines


def _limits(report: ModelReport, segments: Sequence[Segment], fairness: Sequence[Fairness]) -> list[str]:
    lines = [
        f"It errs more where {each.worded('description')}: {written(each.score, '.4g')} there, "
        f"{written(each.overall, '.4g')} overall."
        for each in segments
    ]
    for each in fairness:
        lines += [
            f"By {each.column}, {gap.measure} is {written(gap.difference, '.3g')} apart between "
            f"{gap.lowest} and {gap.highest}"
            f" (95% interval {written(gap.ci_low, '.3g')} to {written(gap.ci_high, '.3g')})."
            for gap in each.gaps
            if gap.ci_low > 0
        ]
    if report.split is not None and report.split.holdout_rows < _FEW_ROWS:
        lines.append(f"Only {report.split.holdout_rows} rows judge it: its scores are uncertain.")
    return lines


def _misuse(report: ModelReport, fairness: Sequence[Fairness]) -> list[str]:
    lines = []
    if not report.better_than_baseline:
        lines.append("For anything: it is no better than guessing.")
    if report.split is None or report.split.kind != "time":
        lines.append("For rows of a later time, unless what is learnt here stays true: it was not tested on any.")
    lines += [
        "For rows with values beyond those of this table: it has not learnt what happens there.",
        f"To tell what would change {report.target}: it says what goes with it, not what causes it.",
    ]
    failing = sorted({each.column for each in fairness for gap in each.gaps if gap.below_four_fifths})
    if failing:
        lines.append(f"To decide about people without looking into the gaps by {', '.join(failing)} first.")
    return lines


def _best(report: ModelReport) -> LeaderboardEntry | None:
    return next((each for each in report.leaderboard if each.name == report.best), None)
