"""All patterns that are looked for, in the order in which ties are broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp_pipeline.ml.insights.attribution import CountAttribution
from dsp_pipeline.ml.insights.breaks import ChangePoint, TrendChange
from dsp_pipeline.ml.insights.clusters import Clusters
from dsp_pipeline.ml.insights.crossed import CrossMeasure
from dsp_pipeline.ml.insights.forecasts import NextPeriod
from dsp_pipeline.ml.insights.gaps import MissingTogether, MissingWhere
from dsp_pipeline.ml.insights.groups import GroupDifference
from dsp_pipeline.ml.insights.interactions import Interaction
from dsp_pipeline.ml.insights.labels import Concentration, FlagShare, LabelsTogether, TopLabel
from dsp_pipeline.ml.insights.modelling import LeakFound, ModelDriver, ModelVerdict, WeakSegment
from dsp_pipeline.ml.insights.movers import MeanAttribution
from dsp_pipeline.ml.insights.outlying import CategoryOutlier
from dsp_pipeline.ml.insights.pairs import Correlation, NonlinearAssociation
from dsp_pipeline.ml.insights.points import SteadyShare, UnusualPoint
from dsp_pipeline.ml.insights.quality import Complete, DisguisedMissing, DuplicateRows, RowsSetAside, Size
from dsp_pipeline.ml.insights.redundancy import Redundancy
from dsp_pipeline.ml.insights.reversals import SimpsonReversal
from dsp_pipeline.ml.insights.seasons import Seasonality
from dsp_pipeline.ml.insights.shapes import LongTail, LowVariance, TotalHeldByFew, UsualRange
from dsp_pipeline.ml.insights.sibling_exceptions import SiblingException
from dsp_pipeline.ml.insights.siblings import Commonness
from dsp_pipeline.ml.insights.standing import OutstandingFirst, OutstandingLast
from dsp_pipeline.ml.insights.totals import Evenness, MajorityOfTotal, Pareto
from dsp_pipeline.ml.insights.trends import BusiestPeriod, Trend
from dsp_pipeline.ml.insights.within import DifferenceWithin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.ml.insights.pattern import Pattern

PATTERNS: Sequence[Pattern[Any]] = (
    ModelVerdict(),
    LeakFound(),
    ModelDriver(),
    WeakSegment(),
    GroupDifference(),
    OutstandingFirst(),
    OutstandingLast(),
    CategoryOutlier(),
    Correlation(),
    NonlinearAssociation(),
    LabelsTogether(),
    CrossMeasure(),
    SimpsonReversal(),
    Interaction(),
    DifferenceWithin(),
    SiblingException(),
    Commonness(),
    Clusters(),
    Trend(),
    ChangePoint(),
    TrendChange(),
    Seasonality(),
    UnusualPoint(),
    CountAttribution(),
    MeanAttribution(),
    NextPeriod(),
    MissingWhere(),
    RowsSetAside(),
    DuplicateRows(),
    DisguisedMissing(),
    MissingTogether(),
    Redundancy(),
    MajorityOfTotal(),
    Pareto(),
    TotalHeldByFew(),
    LongTail(),
    TopLabel(),
    FlagShare(),
    Concentration(),
    Evenness(),
    SteadyShare(),
    BusiestPeriod(),
    LowVariance(),
    UsualRange(),
    Complete(),
    Size(),
)
