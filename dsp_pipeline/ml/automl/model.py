"""A trained model as it is kept: a report for people and files for machines.

Importing this module is cheap; `dsp_pipeline.ml.automl.predictor` turns the files into predictions.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsp_pipeline.core.artifacts.model import ModelReport


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of one version.

    Attributes:
        report: What `model.json` says.
        files: File name to bytes, as kept under ``model/``; native JSON, no pickles; empty without a model.
    """

    report: ModelReport
    files: Mapping[str, bytes]
