"""Every alert there is: how severe it is, and what to do about it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.profile import AlertSeverity


@dataclasses.dataclass(frozen=True)
class Code:
    """What all alerts of one code share."""

    severity: AlertSeverity
    action: str


_TABLE = {
    "no_rows": Code("error", "Find out why the file holds no usable row."),
    "few_rows": Code("warning", "Gather more rows before anything rests on this."),
    "duplicates": Code("warning", "Find out whether they were recorded twice; if so, drop them."),
    "near_duplicates": Code("warning", "Look at the pairs listed: one row may be a correction of the other."),
    "associations_bounded": Code("info", "Ignore columns you do not need (sidecar: ignore) to have all compared."),
    "associations_sampled": Code("info", "Nothing, unless a small correlation matters: it is an estimate."),
    "dependencies_bounded": Code("info", "Ignore columns you do not need (sidecar: ignore) to have all searched."),
    "not_at_random": Code("info", "Do not drop incomplete rows: those that stay would not stand for all."),
}
_GAPS = {
    "empty": Code("warning", "Find out why nothing arrives in it, or ignore it (sidecar: ignore)."),
    "high_missing": Code("warning", "Use it only where it is known; averages speak for those rows alone."),
    "missing": Code("info", "Keep in mind that its figures are of the rows that have it."),
    "disguised_missing": Code("warning", "Say what it means; if nothing, leave the cell empty in the file."),
    "missing_depends": Code("info", "Compare rows with and without it before leaving any out."),
}
_VALUES = {
    "constant": Code("warning", "Ignore it (sidecar: ignore): it cannot tell rows apart."),
    "all_distinct": Code("info", "Use it to find rows, not to explain them."),
    "constant_length": Code("info", "Check that it is a code; codes are best kept as text."),
    "high_cardinality": Code("info", "Group its labels, or compare by a coarser column."),
    "imbalance": Code("warning", "Look at the rare values apart: averages hide them."),
    "uniform": Code("info", "Check whether it was drawn, assigned in turn, or made up."),
    "infinite": Code("warning", "Find the division by zero that made them; they are left out of all figures."),
    "skewed": Code("info", "Use the median, or the logarithm, instead of the mean."),
    "zeros": Code("info", "Find out whether 0 is a value or stands for none; if a value, model it apart."),
    "outliers": Code("info", "Look at the examples: errors want mending, true extremes want a robust summary."),
    "unsupported": Code("warning", "Rescale it in the file (thousands, logarithms), or keep it as text."),
}
_TEXTS = {
    "personal_data": Code(
        "warning", "Make sure that those who see it may; what hides it: personal_data in the sidecar."
    ),
    "encoding_damage": Code("error", "Export the file again as UTF-8, or name its encoding in the sidecar."),
    "dirty_category": Code("warning", "Settle on one spelling at the source: they count as different labels."),
    "dates_as_category": Code("warning", "Give the column's type and format in the sidecar (types)."),
    "mixed_types": Code("warning", "Mend the values that are no numbers, or keep them in a column of their own."),
}
_PAIRS = {
    "highly_correlated": Code("info", "Keep one of the two in a model; the other adds nothing."),
    "many_correlated": Code("info", "See the groups of redundant columns; keep one of each."),
    "redundant": Code("info", "Keep one column of the group."),
    "nonlinear": Code("info", "Plot one against the other: a straight line would miss what is there."),
    "dependency": Code("info", "Make it a rule (sidecar: rules), or keep the dependent in a table of its own."),
    "dependency_broken": Code("warning", "Look at the exceptions: most of such rows are mistakes."),
    "leak_suspect": Code("warning", "Ask whether it is known before the outcome; if not, ignore it."),
}
_TIME = {
    "time_gaps": Code("warning", "Find out whether nothing happened or nothing was recorded."),
    "trend": Code("info", "Compare with the trend, not with the overall mean."),
    "seasonal": Code("info", "Compare with the same part of earlier periods."),
    "change_point": Code("info", "Find out what happened then; describe the time before and after apart."),
    "non_stationary": Code("info", "Work with differences or a trend before correlating it with anything."),
}
CODES: dict[str, Code] = _TABLE | _GAPS | _VALUES | _TEXTS | _PAIRS | _TIME
