"""`insights.json`: ranked statements about the data with their evidence."""

from __future__ import annotations

from typing import Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel

ActionKind = Literal["fix", "drop", "collect", "segment", "watch", "model"]
"""What an action comes down to: mend the data, leave something out, get more of it, look at parts apart, keep an
eye on something, or use it in a model."""


class ChartPoint(WordedModel):
    """A bar, or a point of a line: what it stands for and how high it is; ``told`` where the statement names it.

    ``low`` and ``high`` bound what is uncertain about it, such as a forecast.
    """

    label: str
    value: float
    told: bool = False
    low: float | None = None
    high: float | None = None


class ChartHint(WordedModel):
    """What to draw beside the statement: a chart kind and the columns it shows.

    ``points`` are the chart's own data, where the statement is about few figures: they are what it says, in the
    units of ``value_title``. Where they are empty the chart is drawn from the columns.
    """

    kind: Literal["histogram", "bar", "scatter", "heatmap", "line", "box", "none"]
    columns: list[str]
    title: str = ""
    value_title: str = ""
    points: list[ChartPoint] = []


class Insight(WordedModel):
    """One statement.

    ``kind`` is fact (descriptive) or finding (inferential); ``type`` names the pattern, e.g. correlation.
    ``effect`` is in the units that ``effect_name`` says, ``ci`` its 95 % interval. ``confirmed_on`` is the number
    of rows that confirmed what was searched for in others, None where nothing was searched for. ``evidence`` is a
    Polars SQL query over ``table`` that reproduces the numbers, where one can.
    """

    id: str
    kind: Literal["fact", "finding"]
    type: str
    statement: str
    columns: list[str]
    subspace: dict[str, str]
    n: int
    effect: float
    effect_name: str
    ci: tuple[float, float] | None
    p: float | None
    q: float | None
    score: float
    action: str
    action_kind: ActionKind = "watch"
    confirmed_on: int | None = None
    evidence: str
    chart: ChartHint


class Insights(ArtifactModel):
    """All insights of one version, best first, and how many tests stood behind them."""

    tests_run: int
    q_threshold: float
    insights: list[Insight]
