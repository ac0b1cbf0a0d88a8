"""What of `explanations.json` lets a page predict without a server: the model, and rows to start from."""

from __future__ import annotations

from typing import Any, Literal

from dsp_pipeline.core.artifacts import ArtifactModel, WordedModel
from dsp_pipeline.core.sidecar import Task

Cell = str | float | bool | None


class ArraySlice(ArtifactModel):
    """Where an array lies in the model's bytes: little-endian values of this type, from a byte on."""

    dtype: Literal["int16", "uint8", "uint16", "uint32", "float32", "float64"]
    start: int
    count: int


class PortableMember(ArtifactModel):
    """One model of the weighted sum.

    A booster's margin is ``centre + scale * (base + sum of leaves)``, the sum in single precision and in the
    order of the trees. Its arrays: ``feature`` (of each node in pre-order; -1 is a leaf), ``flags`` (of each inner
    node: 1 missing goes left, 2 the split is on levels), ``split`` (of each inner node: the place in
    ``thresholds``, below which a number goes left, or the set of levels that go right), ``leaf`` and ``cover`` (of
    each leaf: what it adds, and the training rows' weight in it), ``nodes`` and ``output`` (of each tree),
    ``set_starts`` and ``set_levels``.

    A linear model's arrays describe its expanded inputs (``input``, ``term``: 0 value, 1 missing, 2 level, 3 the
    distance above a ``knot``; ``level``, ``fill``, ``mean``, ``deviation``), ``coefficients`` (outputs x terms)
    and ``intercepts``; expanded inputs are cut at ``clip`` standard deviations. Where there are products, z is
    what is left when these are cut at ``reach`` and their ``centres`` taken off; term i then adds z_i (Qz)_i less
    its ``expected`` (outputs x terms); ``products`` holds each output's upper triangle of the symmetric Q by rows.
    """

    name: str
    kind: Literal["booster", "linear"]
    weight: float
    centre: float = 0.0
    scale: float = 1.0
    base: list[float] = []
    clip: float = 0.0
    reach: float = 0.0
    arrays: dict[str, ArraySlice]


class PortableModel(ArtifactModel):
    """A model that needs no Python: descriptions as JSON, numbers as deflated bytes in base64.

    ``encodings`` are those of ``model/features.json``. ``half_width`` is half the 90 % range of a quantity, on the
    square root's scale for counts. ``threshold`` is the probability from which on the second of two classes is
    called; without one it is the more probable one.
    """

    task: Task
    target: str
    classes: list[str]
    outputs: int
    half_width: float | None
    threshold: float | None = None
    encodings: list[dict[str, Any]]
    members: list[PortableMember]
    data: str


class WhatIfColumn(ArtifactModel):
    """One column that can be changed. ``low`` and ``high`` are what its values span; text and labels have none."""

    name: str
    control: Literal["number", "flag", "category", "date", "timestamp", "time", "text"]
    low: str | float | None = None
    high: str | float | None = None
    whole: bool = False


class WhatIfRow(WordedModel):
    """A row to start from: a cell per column, with the margins that Python computes for it.

    ``nearest`` are the places in the list of rows most like it that have another prediction.
    """

    row: int
    why_shown: str
    actual: str
    nearest: list[int] = []
    cells: list[Cell]
    margin: list[float]


class WhatIf(WordedModel):
    """What a page needs to let its reader change a row; without a model, ``reason`` says why not."""

    model: PortableModel | None
    reason: str = ""
    columns: list[WhatIfColumn] = []
    rows: list[WhatIfRow] = []
