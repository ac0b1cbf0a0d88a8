"""How key figures changed against the version before, each with a tone where one way is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.wording import MINUS, number, percent, whole

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.model import ModelReport
    from dsp_pipeline.core.artifacts.summary import Summary
    from dsp_pipeline.dashboard.view import Tone

Change = tuple[str, "Tone"]
NONE: Change = ("", "plain")
_SAME: Change = ("as in the version before", "plain")
_LEAST = 5e-4
"""A share that changed by less looks the same."""


def of_count(now: int, then: int | None, *, more_is_worse: bool = False) -> Change:
    """A count's change in numbers and in percent: ``+120 (+20%) on the version before``."""
    if then is None:
        return NONE
    if now == then:
        return _SAME
    share = f" ({_signed(percent(abs(now - then) / then), up=now > then)})" if then else ""
    tone: Tone = ("warn" if now > then else "good") if more_is_worse else "plain"
    return f"{_signed(whole(abs(now - then)), up=now > then)}{share} on the version before", tone


def of_share(now: float, then: float | None) -> Change:
    """A share's change in percentage points; more is better."""
    if then is None:
        return NONE
    if abs(now - then) < _LEAST:
        return _SAME
    points = number(round(100 * abs(now - then), 1))
    return f"{_signed(points, up=now > then)} points on the version before", "good" if now > then else "bad"


def of_score(now: float, report: ModelReport, before: Summary | None) -> Change:
    """A model's score against the one before; none where that was of another target or measured otherwise."""
    metric = report.metric
    if before is None or before.score is None or metric is None:
        return NONE
    if (before.target, before.metric) != (report.target, metric.name):
        return NONE
    if number(now) == number(before.score):
        return _SAME
    better = (now > before.score) == metric.greater_is_better
    return f"{number(before.score)} in the version before", "good" if better else "warn"


def _signed(text: str, *, up: bool) -> str:
    return f"{'+' if up else MINUS}{text}"
