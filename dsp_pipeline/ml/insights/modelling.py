"""What the model and its explanations say, as insights."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from dsp_pipeline.core.artifacts.insights import ChartHint
from dsp_pipeline.ml.insights import evidence, words
from dsp_pipeline.ml.insights.pairs import Quarters
from dsp_pipeline.ml.insights.pattern import Measured, Pattern, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp_pipeline.core.artifacts.explanations import Segment
    from dsp_pipeline.core.artifacts.model import Leak
    from dsp_pipeline.ml.insights.subjects import Measure
    from dsp_pipeline.ml.insights.view import View

_NONE = ChartHint(kind="none", columns=[])
_MOST_SEGMENTS = 2
_SURE = 0.9


def _target_rows(view: View) -> str:
    """How many rows have a target: what every statement about the model rests on."""
    return evidence.select((f"COUNT({evidence.identifier(view.model.target or '')})", "rows_with_target"))


class ModelVerdict(Pattern[str]):
    """Whether the target can be predicted, as the model's report says."""

    type = "model_verdict"
    acts = "model"

    def measure(self, view: View) -> Iterator[Measured[str]]:
        """One candidate where there is a model."""
        model = view.model
        best = next((entry for entry in model.leaderboard if entry.name == model.best), None)
        if model.target is None or model.target not in view.columns or best is None or model.metric is None:
            return
        yield Measured(
            columns=(model.target,),
            n=model.split.holdout_rows if model.split else view.profile.columns[model.target].count,
            effect=best.holdout,
            effect_name=f"{model.metric.name} on the hold-out",
            strength=0.7 if model.better_than_baseline else 0.5,
            impact=1.0,
            detail=model.worded("verdict"),
            ci=(best.ci_low, best.ci_high),
        )

    def word(self, view: View, found: Measured[str]) -> Wording:
        """The report's own verdict."""
        target = words.humanise(found.columns[0])
        better = view.model.better_than_baseline
        return Wording(
            statement=found.detail,
            action=(
                f"Use the model to rank or estimate {target}, within the interval that the hold-out gives."
                if better
                else f"Do not predict {target} from these columns: collect others that are known beforehand."
            ),
            evidence=_target_rows(view),
            chart=_NONE,
        )


@dataclasses.dataclass(frozen=True)
class Driver:
    """The feature that moves predictions most, and how much of all movement is its."""

    feature: str
    share: float
    next: list[str]


class ModelDriver(Pattern[Driver]):
    """The feature that the model's predictions rest on most."""

    type = "model_driver"
    acts = "model"

    def measure(self, view: View) -> Iterator[Measured[Driver]]:
        """One candidate where the model is better than guessing."""
        ranked = sorted(view.explanations.global_, key=lambda item: (-item.mean_abs, item.feature))
        total = sum(item.mean_abs for item in ranked)
        if view.model.better_than_baseline is False or view.model.target not in view.columns or total <= 0:
            return
        of_feature = {feature.name: feature.column for feature in view.model.features}
        top = ranked[0]
        column = of_feature.get(top.feature, top.feature)
        if column not in view.columns:
            return
        share = top.mean_abs / total
        yield Measured(
            columns=(column, view.model.target or ""),
            n=view.explanations.fidelity.rows if view.explanations.fidelity else view.rows,
            effect=top.mean_abs,
            effect_name="mean absolute SHAP value",
            strength=min(1.0, 0.6 + share / 2),
            impact=_SURE,
            detail=Driver(column, share, [of_feature.get(item.feature, item.feature) for item in ranked[1:3]]),
            ci=(top.ci_low, top.ci_high),
        )

    def word(self, view: View, found: Measured[Driver]) -> Wording:
        """Its share of all movement, the next ones, and how the target differs along it in the table."""
        driver = found.detail
        said, target = words.humanise(driver.feature), words.humanise(found.columns[1])
        rest = f"; next {'come' if len(driver.next) > 1 else 'comes'} " if driver.next else ""
        rest += words.listed([words.humanise(name) for name in driver.next]) if driver.next else ""
        measures = view.every_measure
        x, y = measures.get(driver.feature), measures.get(found.columns[1])
        quarters = Quarters.of(x, y) if x and y else None
        seen = ""
        query = _target_rows(view)
        if x and y and quarters:
            seen = (
                f" In the table, {_average(view, y)} {y.say(quarters.low)} in the lowest quarter of {said} and "
                f"{y.say(quarters.high)} in the highest."
            )
            query = evidence.select(*quarters.sql(x, y))
        return Wording(
            statement=words.sentence(
                f"{said} moves the model's predictions of {target} most, by {words.percent(driver.share)} of all "
                f"that moves them{rest}.{seen}"
            ),
            action=f"Check that {said} is known when a prediction is needed: the model leans on it.",
            evidence=query,
            chart=ChartHint(kind="scatter" if x and y else "none", columns=[driver.feature, found.columns[1]]),
        )


def _average(view: View, measure: Measure) -> str:
    return f"the {measure.share_of(view.noun)} is" if measure.is_rate else f"{measure.said} averages"


class LeakFound(Pattern["list[Leak]"]):
    """Columns that give the target away and were left out."""

    type = "leak_found"
    acts = "drop"

    def measure(self, view: View) -> Iterator[Measured[list[Leak]]]:
        """One candidate for all columns that the model's report names, the strongest first."""
        leaks = [leak for leak in view.model.leakage if leak.column in view.columns]
        if not leaks or view.model.target not in view.columns:
            return
        leaks.sort(key=lambda leak: -(leak.score or 0.0))
        yield Measured(
            columns=(*(leak.column for leak in leaks), view.model.target or ""),
            n=view.profile.columns[leaks[0].column].count,
            effect=leaks[0].score if leaks[0].score is not None else 1.0,
            effect_name="score of the first column alone",
            strength=0.8,
            impact=_SURE,
            detail=leaks,
        )

    def word(self, view: View, found: Measured[list[Leak]]) -> Wording:
        """The columns, and the report's evidence for the first one."""
        leaks, target = found.detail, words.humanise(found.columns[-1])
        several = len(leaks) > 1
        said = words.listed([words.humanise(leak.column) for leak in leaks])
        them = "them" if several else "it"
        first = f"{words.humanise(leaks[0].column)}: " if several else ""
        verbs = ("give", "were") if several else ("gives", "was")
        return Wording(
            statement=words.sentence(
                f"{said} {verbs[0]} {target} away and {verbs[1]} left out of the model ({first}"
                f"{leaks[0].worded('evidence').rstrip('.')})."
            ),
            action=f"Leave {them} out of any model of {target}, unless known before the outcome.",
            evidence=_target_rows(view),
            chart=ChartHint(kind="scatter", columns=[leaks[0].column, found.columns[-1]]),
        )


class WeakSegment(Pattern["Segment"]):
    """A part of the rows where the model errs more."""

    type = "weak_segment"
    acts = "collect"

    def measure(self, view: View) -> Iterator[Measured[Segment]]:
        """The foremost segments of the explanations."""
        if view.model.target not in view.columns:
            return
        for position, segment in enumerate(view.explanations.segments[:_MOST_SEGMENTS]):
            yield Measured(
                columns=(view.model.target or "",),
                n=segment.rows,
                effect=segment.score,
                effect_name=f"{view.model.metric.name if view.model.metric else 'score'} in the segment",
                strength=0.6 - 0.1 * position,
                impact=0.7,
                detail=segment,
                subspace={"segment": segment.worded("description")},
            )

    def word(self, view: View, found: Measured[Segment]) -> Wording:
        """The score there and overall."""
        segment = found.detail
        metric = view.model.metric.name if view.model.metric else "score"
        return Wording(
            statement=(
                f"The model is weaker where {segment.worded('description')}: {metric} "
                f"{words.number(segment.score)} on "
                f"{words.count(segment.rows)} held-out {view.noun}, against "
                f"{words.number(segment.overall)} overall."
            ),
            action="Trust predictions less there, and collect more such rows or what sets them apart.",
            evidence=_target_rows(view),
            chart=_NONE,
        )
