"""A weighted sum of models, which is explained as exactly as its members are.

The weights apply to margins and add up to one. SHAP values are additive, so the weighted sums of the members'
contributions are the ensemble's, and add up to its margin.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import TYPE_CHECKING, Literal

import numpy as np

from dsp_pipeline.ml.automl.linear import Linear

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dsp_pipeline.ml.automl.arrays import Floats
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.scorers import Scorer

FILE = "ensemble.json"


@dataclasses.dataclass(frozen=True)
class Member:
    """One model of an ensemble, with its share."""

    name: str
    weight: float
    scorer: Scorer


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Two models or more whose margins are added up by weight."""

    members: tuple[Member, ...]

    @property
    def kind(self) -> Literal["ensemble"]:
        """What the manifest calls it."""
        return "ensemble"

    @property
    def method(self) -> str:
        """How contributions are computed."""
        methods = dict.fromkeys(member.scorer.method for member in self.members)
        return "weighted sum of " + " and ".join(methods)

    @property
    def explain_seconds(self) -> float:
        """About how many CPU-seconds `contributions` takes per row."""
        return sum(member.scorer.explain_seconds for member in self.members)

    @property
    def interact_seconds(self) -> float:
        """About how many CPU-seconds all interactions take per row."""
        return sum(member.scorer.interact_seconds for member in self.members)

    def margin(self, matrix: Matrix) -> Floats:
        """The members' margins, weighted; shape (rows, outputs)."""
        return weighted((member.weight, member.scorer.margin(matrix)) for member in self.members)

    def contributions(self, matrix: Matrix) -> Floats:
        """The members' SHAP values, weighted; shape (rows, outputs, inputs + 1), the base last."""
        return weighted((member.weight, member.scorer.contributions(matrix)) for member in self.members)

    def to_files(self) -> dict[str, bytes]:
        """Names and weights as JSON, and each member's files, its place before their names."""
        said = [
            {"name": member.name, "model": member.scorer.kind, "weight": member.weight} for member in self.members
        ]
        files = {FILE: json.dumps({"members": said}, indent=1).encode() + b"\n"}
        for place, member in enumerate(self.members):
            files |= {f"{place}-{name}": data for name, data in member.scorer.to_files().items()}
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], *, outputs: int, threads: int) -> Ensemble:
        """The ensemble in an artifact's files."""
        members = []
        for place, said in enumerate(json.loads(files[FILE])["members"]):
            prefix = f"{place}-"
            own = {name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)}
            scorer = single_from_files(said["model"], own, outputs=outputs, threads=threads)
            members.append(Member(said["name"], float(said["weight"]), scorer))
        return cls(tuple(members))


def weighted(parts: Iterable[tuple[float, Floats]]) -> Floats:
    """The sum of arrays of one shape, each times its weight; at least one."""
    scaled = (weight * each for weight, each in parts)
    return np.asarray(functools.reduce(np.add, scaled))


def single_from_files(
    kind: Literal["booster", "linear"], files: Mapping[str, bytes], *, outputs: int, threads: int
) -> Scorer:
    """The one model in files."""
    if kind == "linear":
        return Linear.from_files(files)
    # Only here: XGBoost costs seconds to import, and a linear model does without.
    from dsp_pipeline.ml.automl.booster import Booster  # noqa: PLC0415 - see above

    return Booster.from_files(files, outputs=outputs, threads=threads)
