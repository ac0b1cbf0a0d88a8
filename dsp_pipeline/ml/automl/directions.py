"""The sidecar's ``monotone``: columns with which a prediction may only grow, or only fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SidecarError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.sidecar import Direction
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.automl.outcome import Outcome

_SIGNS: dict[Direction, int] = {"increasing": 1, "decreasing": -1}


def directions_of(
    asked: Mapping[str, Direction], encodings: Sequence[Encoding], outcome: Outcome
) -> tuple[int, ...]:
    """For each input 1, -1 or 0; empty if nothing is asked of a column that is an input.

    For two classes the direction is that of the last class's probability.

    Raises:
        SidecarError: A column is no number, or there are more than two classes, which have no direction.
    """
    if not asked:
        return ()
    if len(outcome.classes) > 2:  # noqa: PLR2004 - two have one margin
        raise SidecarError(
            f"'{outcome.target}' has {len(outcome.classes)} classes, which do not grow or fall with a column",
            where="monotone",
            remedy="Take 'monotone' out, or name a target that is a quantity or has two classes",
        )
    for each in encodings:
        if each.column in asked and each.encoding not in {"number", "flag"}:
            raise SidecarError(
                f"'{each.column}' is taken as {each.encoding}; only numbers have a direction",
                where="monotone",
                remedy=f"Take '{each.column}' out of 'monotone', or declare its type in 'types'",
            )
    signs = tuple(
        _SIGNS[asked[each.column]] if each.column in asked else 0 for each in encodings for _ in each.parts
    )
    return signs if any(signs) else ()
