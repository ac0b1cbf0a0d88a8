"""All patterns that are looked for, in the order in which ties are broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp_pipeline.ml.insights.gaps import MissingTogether, MissingWhere
from dsp_pipeline.ml.insights.groups import GroupDifference
from dsp_pipeline.ml.insights.labels import Concentration, FlagShare, LabelsTogether, TopLabel
from dsp_pipeline.ml.insights.modelling import LeakFound, ModelDriver, ModelVerdict, WeakSegment
from dsp_pipeline.ml.insights.pairs import Correlation, NonlinearAssociation
from dsp_pipeline.ml.insights.quality import Complete, DisguisedMissing, DuplicateRows, RowsSetAside, Size
from dsp_pipeline.ml.insights.redundancy import Redundancy
from dsp_pipeline.ml.insights.seasons import Seasonality
from dsp_pipeline.ml.insights.shapes import LongTail, TotalHeldByFew, UsualRange
from dsp_pipeline.ml.insights.trends import BusiestPeriod, Trend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.insights.pattern import Pattern

PATTERNS: Sequence[Pattern[Any]] = (
    ModelVerdict(),
    LeakFound(),
    ModelDriver(),
    WeakSegment(),
    GroupDifference(),
    Correlation(),
    NonlinearAssociation(),
    LabelsTogether(),
    Trend(),
    Seasonality(),
    MissingWhere(),
    RowsSetAside(),
    DuplicateRows(),
    DisguisedMissing(),
    MissingTogether(),
    Redundancy(),
    TotalHeldByFew(),
    LongTail(),
    TopLabel(),
    FlagShare(),
    Concentration(),
    BusiestPeriod(),
    UsualRange(),
    Complete(),
    Size(),
)
