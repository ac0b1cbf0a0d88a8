"""A model in a form that needs no Python: the same predictions from JSON and one block of bytes.

Trees are stored node by node in pre-order, so that a left child is the next node and no links are kept;
thresholds are places in the list of those that occur. The page's scripts read this form (`scripts/what-if/`),
and `dsp_pipeline.core.artifacts.what_if` describes it.
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from dsp_pipeline.core.artifacts.what_if import ArraySlice, PortableMember, PortableModel
from dsp_pipeline.ml.automl.ensemble import Ensemble
from dsp_pipeline.ml.automl.linear import CLIP, Linear
from dsp_pipeline.ml.automl.products import REACH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.ml.automl.arrays import Numbers
    from dsp_pipeline.ml.automl.artifact import Artifact
    from dsp_pipeline.ml.automl.features import Encoding
    from dsp_pipeline.ml.automl.scorers import Scorer

_Dtype: TypeAlias = Literal["int16", "uint8", "uint16", "uint32", "float32", "float64"]

_ENCODINGS = frozenset({"number", "flag", "category", "date", "timestamp", "time", "text"})
_TERMS = {"value": 0, "missing": 1, "level": 2, "above": 3}
_LEVEL = 9


class NotPortableError(Exception):
    """The model cannot be carried by a page; the message says why, without a full stop."""


@dataclasses.dataclass
class _Block:
    """Arrays one after the other."""

    parts: list[bytes] = dataclasses.field(default_factory=list)
    size: int = 0

    def add(self, values: Numbers) -> ArraySlice:
        """Append an array, and say where it is."""
        dtype: _Dtype = next(name for name in get_args(_Dtype) if values.dtype == np.dtype(name))
        data = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
        found = ArraySlice(dtype=dtype, start=self.size, count=values.size)
        self.parts.append(data)
        self.size += len(data)
        return found

    def packed(self) -> str:
        """All bytes deflated, as base64."""
        return base64.b64encode(zlib.compress(b"".join(self.parts), _LEVEL)).decode()


def portable(artifact: Artifact) -> PortableModel:
    """The model as a page can carry it.

    Raises:
        NotPortableError: A column becomes inputs in a way that pages cannot compute.
    """
    require_portable(artifact.encodings)
    manifest = artifact.manifest
    block = _Block()
    members = [
        _member(name, weight, scorer, block=block)
        for name, weight, scorer in _members(artifact.scorer, manifest.name)
    ]
    return PortableModel(
        task=manifest.task,
        target=manifest.target,
        classes=list(manifest.classes),
        outputs=manifest.outputs,
        half_width=manifest.half_width,
        threshold=manifest.threshold,
        encodings=[each.model_dump(mode="json") for each in artifact.encodings],
        members=members,
        data=block.packed(),
    )


def require_portable(encodings: Sequence[Encoding]) -> None:
    """Check that pages can compute these inputs.

    Raises:
        NotPortableError: One cannot be; the message names its column.
    """
    for each in encodings:
        if each.encoding not in _ENCODINGS:
            raise NotPortableError(f"a page cannot compute the inputs made from '{each.column}' ({each.encoding})")


def _members(scorer: Scorer, name: str) -> list[tuple[str, float, Scorer]]:
    if isinstance(scorer, Ensemble):
        return [(each.name, each.weight, each.scorer) for each in scorer.members]
    return [(name, 1.0, scorer)]


def _member(name: str, weight: float, scorer: Scorer, *, block: _Block) -> PortableMember:
    if isinstance(scorer, Linear):
        arrays = {key: block.add(values) for key, values in _linear(scorer).items()}
        return PortableMember(name=name, kind="linear", weight=weight, clip=CLIP, reach=REACH, arrays=arrays)
    # Only here: it brings XGBoost, which a linear model does without.
    from dsp_pipeline.ml.automl.booster import Booster  # noqa: PLC0415 - see above
    from dsp_pipeline.ml.insights.explanations.portable_trees import flattened  # noqa: PLC0415 - as above

    if not isinstance(scorer, Booster):
        raise NotPortableError(f"a page cannot compute a model of the kind {scorer.kind}")
    base, arrays_of = flattened(scorer)
    return PortableMember(
        name=name,
        kind="booster",
        weight=weight,
        centre=scorer.centre,
        scale=scorer.scale,
        base=base,
        arrays={key: block.add(values) for key, values in arrays_of.items()},
    )


def _linear(scorer: Linear) -> Mapping[str, Numbers]:
    terms = scorer.terms
    arrays: dict[str, Numbers] = {
        "input": np.array([term.input for term in terms], np.uint16),
        "term": np.array([_TERMS[term.kind] for term in terms], np.uint8),
        "level": np.array([term.level for term in terms], np.uint16),
        "fill": np.array([term.fill for term in terms], np.float64),
        "mean": np.array([term.mean for term in terms], np.float64),
        "deviation": np.array([term.scale for term in terms], np.float64),
        "coefficients": np.asarray(scorer.coefficients, np.float64).ravel(),
        "intercepts": np.asarray(scorer.intercepts, np.float64),
        "knot": np.array([term.knot for term in terms], np.float64),
    }
    if scorer.products is not None:
        upper = np.triu_indices(len(terms))
        arrays |= {
            "centres": scorer.products.centres,
            "products": np.concatenate([each[upper] for each in scorer.products.weights]),
            "expected": scorer.products.expected.ravel(),
        }
    return arrays
