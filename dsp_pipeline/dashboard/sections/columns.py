"""The columns: a card for each of the first ones, a line in a list for the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.core.numbers import written
from dsp_pipeline.dashboard.charts.custom_charts import meter, mini_histogram
from dsp_pipeline.dashboard.sections.quality import alert_line
from dsp_pipeline.dashboard.view import ColumnCard, ColumnsView, Fact, Grid, Share
from dsp_pipeline.dashboard.wording import (
    cell,
    clipped,
    moment,
    number,
    p_value,
    percent,
    plural,
    statistic_label,
    whole,
)
from dsp_pipeline.ml.statistics.modality import SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import (
        ColumnProfile,
        Meaning,
        Modality,
        UnusualCell,
        UnusualRow,
    )
    from dsp_pipeline.core.artifacts.reading import ColumnReading
    from dsp_pipeline.dashboard.charts.base import SvgChart
    from dsp_pipeline.dashboard.sections.material import Material
    from dsp_pipeline.dashboard.view import AlertLine

MOST_CARDS = 150
_MOST_SHARES = 5
_MOST_ALERTS = 3
_VALUE_LENGTH = 60
_DAY = 86_400
_MOST_OUTLIERS = 4
_MOST_WORDS = 8
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PLAIN_MEANINGS = frozenset(
    {"category", "free text", "flag", "date", "timestamp", "time of day", "constant", "empty"}
    | {"whole number", "measurement"}
)
"""What the column's kind says already."""

_HEADLINES = ("mean", "median", "std", "granularity")
_TEXT_HEADLINES = ("length_mean", "length_min", "length_max")


def columns(material: Material) -> ColumnsView:
    """All columns, in the table's order; what a model predicts and the first ones in the table get cards."""
    profiles = material.profile.columns
    names = list(profiles)
    target = material.model.target
    ahead = [target] if target in profiles else []
    drawn = set((ahead + [name for name in names if name != target])[:MOST_CARDS])
    readings = {reading.name: reading for reading in material.reading.columns}
    alerts: dict[str, list[AlertLine]] = defaultdict(list)
    for alert in material.profile.alerts:
        if alert.column is not None:
            alerts[alert.column].append(alert_line(alert))
    cards = tuple(
        _card(place, name, profiles[name], readings.get(name), alerts[name], role=_role(name, material))
        for place, name in enumerate(names, start=1)
        if name in drawn
    )
    rest = [name for name in names if name not in drawn]
    kinds = Counter(profile.kind.value for profile in profiles.values())
    note = plural(len(names), "column")
    if rest:
        note += f": the first {whole(len(cards))} as cards, the other {whole(len(rest))} in the list below them"
    return ColumnsView(
        cards=cards,
        rest=_list(rest, profiles) if rest else None,
        kinds=tuple(kinds.most_common()),
        note=note + ".",
        unusual=_unusual(material.profile.unusual_rows),
    )


def _unusual(rows: Sequence[UnusualRow]) -> Grid | None:
    """The rows that are unusual over several columns, with the values that make them so."""
    if not rows:
        return None
    cells = tuple((whole(row.row), written(row.score, ".2f"), "; ".join(map(_cell, row.cells))) for row in rows)
    header = ("Row", "Score", "What is unusual")
    ordinary = written(0.5, "g")
    note = f"By an isolation forest over all numbers: ordinary rows score about {ordinary}, at most 1 is possible."
    return Grid(header, cells, "Unusual rows", numeric=frozenset({0, 1}), left_out=note)


def _cell(cell: UnusualCell) -> str:
    return f"{cell.column} {number(cell.value)} (above {percent(cell.share_below)} of the rows)"


def _role(name: str, material: Material) -> str:
    if name == material.model.target:
        return "target"
    return "time" if name == material.validated.sidecar.time_column else ""


def _card(
    place: int,
    name: str,
    profile: ColumnProfile,
    reading: ColumnReading | None,
    alerts: Sequence[AlertLine],
    *,
    role: str,
) -> ColumnCard:
    total = max(1, profile.count + profile.missing)
    missing = profile.missing / total
    details = [Fact(statistic_label(key), _figure(value, profile)) for key, value in profile.statistics.items()]
    details += _findings(profile)
    details += _made_of(profile)
    if reading is not None:
        details += _reading(reading, name)
    histogram = _histogram(place, profile)
    return ColumnCard(
        anchor=f"column-{place}",
        name=name,
        kind=profile.kind.value,
        role=role,
        missing=percent(missing),
        missing_svg=meter(missing, label=f"{percent(missing)} missing", tone="warn") if missing else "",
        chart=histogram[0] if histogram is not None else None,
        chart_ends=histogram[1] if histogram is not None else ("", ""),
        shares=() if histogram is not None else _shares(profile),
        facts=_facts(profile),
        details=tuple(details),
        alerts=tuple(alerts[:_MOST_ALERTS]),
        more_alerts=max(0, len(alerts) - _MOST_ALERTS),
    )


def _histogram(place: int, profile: ColumnProfile) -> tuple[SvgChart, tuple[str, str]] | None:
    if profile.histogram is None or profile.kind.is_categorical or not profile.histogram.counts:
        return None
    edges = profile.histogram.edges
    if profile.kind.is_temporal:
        days = edges[-1] - edges[0] > 2 * _DAY
        labels = [moment(edge, day_only=days) for edge in edges]
    else:
        labels = [number(edge) for edge in edges]
    ends = [profile.statistics.get(key) for key in ("min", "max")]
    low, high = (number(end) if isinstance(end, float | int) else "" for end in ends)
    chart = mini_histogram(f"column-{place}-chart", profile.histogram.counts, labels)
    return chart, (low or labels[0], high or labels[-1])


def _shares(profile: ColumnProfile) -> tuple[Share, ...]:
    if profile.kind in {ColumnKind.IDENTIFIER, ColumnKind.EMPTY}:
        return ()
    return tuple(
        Share(
            label=clipped(cell(top.value, profile.kind), _VALUE_LENGTH) or "(empty text)",
            value=percent(top.share),
            svg=meter(top.share, label=f"{percent(top.share)} of the values"),
        )
        for top in profile.top_values[:_MOST_SHARES]
    )


def _figure(value: float | str | None, profile: ColumnProfile) -> str:
    """A statistic; some are cells, such as the commonest value."""
    return cell(value, profile.kind) if isinstance(value, str) else number(value)


def _facts(profile: ColumnProfile) -> tuple[Fact, ...]:
    facts = [Fact("Different values", whole(profile.distinct))]
    if profile.meaning is not None and profile.meaning.name not in _PLAIN_MEANINGS:
        facts.append(Fact("Looks like", profile.meaning.name))
    wordy = profile.kind in {ColumnKind.TEXT, ColumnKind.IDENTIFIER}
    facts += [
        Fact(statistic_label(key), clipped(_figure(profile.statistics[key], profile), _VALUE_LENGTH))
        for key in (_TEXT_HEADLINES if wordy else _HEADLINES)
        if key in profile.statistics
    ]
    return tuple(facts)


def _findings(profile: ColumnProfile) -> list[Fact]:
    facts = _meaning(profile.meaning) if profile.meaning is not None else []
    if profile.outliers is not None:
        low, high = number(profile.outliers.low_fence), number(profile.outliers.high_fence)
        note = f"outside {low} to {high} ({profile.outliers.method})"
        facts.append(Fact("Outliers", whole(profile.outliers.count), note=note))
        facts += [
            Fact(f"Outlier in row {whole(row.row)}", number(row.value), note=row.why)
            for row in profile.outliers.rows[:_MOST_OUTLIERS]
        ]
    if profile.distribution is not None and (profile.distribution.family or profile.distribution.text):
        family = profile.distribution.family or "no family fits"
        facts.append(Fact("Distribution", family, note=profile.distribution.text))
        facts += _peaks(profile.distribution.modality)
    return facts


def _made_of(profile: ColumnProfile) -> list[Fact]:
    """The commonest words and scripts of texts; when points in time are commonest."""
    facts = []
    if profile.text is not None and profile.text.words:
        words = ", ".join(word.value for word in profile.text.words[:_MOST_WORDS])
        facts.append(Fact("Commonest words", clipped(words, 2 * _VALUE_LENGTH)))
    if profile.text is not None and profile.text.scripts:
        scripts = [f"{name} {percent(share)}" for name, share in profile.text.scripts.items()]
        facts.append(Fact("Scripts", ", ".join(scripts)))
    if profile.calendar is not None:
        days, total = profile.calendar.weekdays, max(1, sum(profile.calendar.weekdays))
        shares = [f"{name} {percent(rows / total)}" for name, rows in zip(_WEEKDAYS, days, strict=True)]
        facts.append(Fact("By weekday", ", ".join(shares)))
    return facts


def _peaks(modality: Modality | None) -> list[Fact]:
    if modality is None:
        return []
    several = modality.p < SIGNIFICANT
    note = f"dip test of {whole(modality.n)} values: dip {number(modality.dip)}, p = {p_value(modality.p)}"
    return [Fact("Peaks", "more than one" if several else "no sign of more than one", note=note)]


def _meaning(meaning: Meaning) -> list[Fact]:
    """What the values are, why that is thought, and whether they are hidden."""
    facts = [Fact("Looks like", meaning.name, note=f"{meaning.reason} (confidence {percent(meaning.confidence)})")]
    if meaning.order:
        facts.append(Fact("Order", clipped(", ".join(meaning.order), _VALUE_LENGTH)))
    if meaning.within:
        facts.append(Fact("Within its texts", ", ".join(meaning.within)))
    if meaning.masked:
        hidden = "'personal_data: allow' in the sidecar shows it"
        facts.append(Fact("Personal data", "hidden", note=hidden))
    return facts


def _reading(reading: ColumnReading, name: str) -> list[Fact]:
    facts = [Fact("Read as", reading.dtype, note=reading.reason)]
    if reading.original_name != name:
        facts.append(Fact("Name in the file", reading.original_name or "(none)"))
    if reading.format is not None:
        facts.append(Fact("Format", reading.format))
    if reading.null_tokens:
        facts.append(Fact("Taken for missing", ", ".join(reading.null_tokens)))
    return facts


def _list(names: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> Grid:
    rows = []
    for name in names:
        profile = profiles[name]
        share = profile.missing / max(1, profile.count + profile.missing)
        middle = profile.statistics.get("mean")
        top = clipped(cell(profile.top_values[0].value, profile.kind), 40) if profile.top_values else ""
        typical = number(middle) if middle is not None else top
        rows.append((name, profile.kind.value, percent(share), whole(profile.distinct), typical))
    header = ("Column", "Kind", "Missing", "Different values", "Mean or commonest")
    return Grid(header, tuple(rows), "The other columns", numeric=frozenset({2, 3}))
