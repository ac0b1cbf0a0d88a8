"""The model in the page: what its reader can change in a row to see the prediction move.

The page carries the model itself, up to a share of its size: 800 kB for ordinary tables, 2 MB beyond 100,000
rows. A larger one is left out, with the reason; it is never cut down to fit, for then it would not be the model as
served. Labels and texts are searched for personal data as all others are, in the model's own lists of labels too.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from dsp_pipeline.dashboard.escaping import script_json
from dsp_pipeline.dashboard.view import WhatIfView
from dsp_pipeline.dashboard.wording import size, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.what_if import Cell, PortableModel, WhatIf, WhatIfRow
    from dsp_pipeline.dashboard.escaping import Json
    from dsp_pipeline.dashboard.sections.material import Material

MOST_BYTES = 800_000
MOST_BYTES_OF_MANY_ROWS = 2_000_000
_MANY_ROWS = 100_000
_FIRST = 9
_TEXTS = frozenset({"category", "text"})


def what_if(material: Material) -> WhatIfView | None:
    """The section; None where there is no model, or an artifact from before there was one to carry."""
    found = material.explanations.what_if
    if found is None:
        return None
    if found.model is None:
        return WhatIfView(note="", reason=f"What-if is left out: {found.reason}.", packed="", data={})
    most = MOST_BYTES_OF_MANY_ROWS if material.table.height > _MANY_ROWS else MOST_BYTES
    data = _Carried(material, found, found.model).data()
    taken = len(found.model.data) + len(script_json(data).encode())
    if taken > most:
        reason = f"What-if is left out: the model takes {size(taken)} of a page that has {size(most)}"
        return WhatIfView(note="", reason=f"{reason} for it.", packed="", data={})
    return WhatIfView(
        note=_note(found.model),
        reason="",
        packed=found.model.data,
        data=data,
    )


def _note(model: PortableModel) -> str:
    return (
        f"Change a row's values and see what the model predicts for {model.target}. The model itself travels with "
        "this page and computes what the server's does, with its exact reasons. It answers what it would predict, "
        "not what would happen."
    )


@dataclasses.dataclass(frozen=True)
class _Carried:
    """What the page's script gets beside the model's numbers."""

    material: Material
    found: WhatIf
    model: PortableModel

    def data(self) -> dict[str, Json]:
        """Descriptions, columns, rows to start from, and the columns' order: those that move predictions first."""
        ranks = {one.feature: place for place, one in enumerate(self.material.explanations.global_)}
        names = [column.name for column in self.found.columns]
        order = sorted(range(len(names)), key=lambda place: ranks.get(names[place], len(ranks)))
        return {
            "description": self._description(),
            "columns": [column.model_dump(mode="json") for column in self.found.columns],
            "rows": [self._row(row) for row in self.found.rows],
            "order": list(order),
            "first": _FIRST,
        }

    def _description(self) -> Json:
        said: dict[str, Any] = self.model.model_dump(mode="json", exclude={"data", "encodings"})
        said["classes"] = [self._text(label) for label in self.model.classes]
        said["encodings"] = [self._encoding(place) for place in range(len(self.model.encodings))]
        return said

    def _encoding(self, place: int) -> dict[str, Any]:
        """An encoding with its labels as they may be shown; ``labels`` are all that the model knows."""
        each, shown = self.model.encodings[place], self._labels[place]
        typical = each.get("typical")
        if typical is not None:
            typical = {**typical, "levels": [shown[label] for label in typical["levels"]]}
        levels = [shown[label] for label in each.get("levels", ())]
        return {**each, "levels": levels, "typical": typical, "labels": list(shown.values())}

    @functools.cached_property
    def _labels(self) -> list[dict[str, str]]:
        """For each encoding what stands for the labels that it knows."""
        result = []
        for each in self.model.encodings:
            typical = each.get("typical") or {}
            known = list(dict.fromkeys([*each.get("levels", ()), *typical.get("levels", ())]))
            result.append(dict(zip(known, _distinct([self._text(label) for label in known]), strict=True)))
        return result

    def _row(self, row: WhatIfRow) -> Json:
        cells = [self._cell(place, cell) for place, cell in enumerate(row.cells)]
        return {
            "name": f"Row {whole(row.row + 1)}",
            "why_shown": self._text(row.why_shown),
            "actual": self._text(row.actual),
            "nearest": list(row.nearest),
            "cells": list(cells),
            "margin": list(row.margin),
            "checked": self._is_as_scored(row),
        }

    def _cell(self, place: int, cell: Cell) -> Cell:
        """A cell as it may be shown; a label as the model's list shows it."""
        if self.found.columns[place].control not in _TEXTS or cell is None:
            return cell
        return self._labels[place].get(str(cell), self._text(str(cell)))

    def _is_as_scored(self, row: WhatIfRow) -> bool:
        """Whether the page sees the texts that were scored, so that it can check itself by this row."""
        return all(
            cell is None or self._text(str(cell)) == cell
            for column, cell in zip(self.found.columns, row.cells, strict=True)
            if column.control == "text"
        )

    def _text(self, text: str) -> str:
        return self.material.publication.text(text)


def _distinct(labels: Sequence[str]) -> list[str]:
    """Labels that stay apart where what they hid is gone."""
    seen: dict[str, int] = {}
    result = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        result.append(label if seen[label] == 1 else f"{label} #{seen[label]}")
    return result
