"""The first ten insights of the samples, as docs/examples/insights shows them.

`python -m dsp_pipeline_tests.docs.insight_lists` writes them; a test checks that they are current. What the model
says is left out: how long it may fit decides its figures.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from sklearn import datasets

from dsp_pipeline.ml.insights.generator import generate
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.docs import pages
from dsp_pipeline_tests.etl.drops import Dropper
from dsp_pipeline_tests.ml.insights.samples import NO_EXPLANATIONS, NO_MODEL

if TYPE_CHECKING:
    from dsp_pipeline.core.artifacts.insights import Insights
    from dsp_pipeline.etl.tables import ValidatedTable

FOLDER = pages.ROOT / "docs" / "examples" / "insights"
FIRST = 10
_TINY = 0.001
_PENGUINS = pages.ROOT / "dsp_pipeline" / "samples" / "penguins.csv"
_SALES = pages.ROOT / "docs" / "examples" / "sales.csv"


@dataclasses.dataclass(frozen=True)
class Sample:
    """A table with its sidecar, as bytes of the CSV and text.

    Attributes:
        title: What the page calls it.
        data: The CSV.
        sidecar: What its owner says.
    """

    title: str
    data: bytes
    sidecar: str


def _file(title: str, path: Path) -> Sample:
    sidecar = path.with_suffix(".dsp.yaml")
    return Sample(title, path.read_bytes(), sidecar.read_text(encoding="utf-8"))


def _bundled(name: str, sidecar: str) -> Sample:
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = pl.DataFrame({column: bunch.data[column].to_numpy() for column in bunch.data.columns})
    names = getattr(bunch, "target_names", None)
    target = bunch.target.to_numpy()
    labels = pl.Series(np.asarray(names)[target].astype(str)) if names is not None else pl.Series(target)
    frame = frame.with_columns(target=labels)
    return Sample(f"{name.replace('_', ' ')} (scikit-learn)", frame.write_csv().encode(), sidecar)


def samples() -> dict[str, Sample]:
    """All samples by the name of their page."""
    return {
        "sales": _file("sales", _SALES),
        "penguins": _file("penguins", _PENGUINS),
        "wine": _bundled("wine", "{row_noun: wines, target: target}"),
        "breast-cancer": _bundled("breast_cancer", "{row_noun: biopsies, target: target}"),
        "diabetes": _bundled("diabetes", "{row_noun: patients, target: target}"),
    }


def found_in(sample: Sample) -> tuple[ValidatedTable, Insights]:
    """A sample as it is read, and its insights without a model's."""
    with tempfile.TemporaryDirectory() as folder:
        table = Dropper(Path(folder)).validate(sample.data, sidecar=sample.sidecar)
        report = NO_MODEL.model_copy(update={"target": table.sidecar.target})
        return table, generate(table, build_profile(table), report, NO_EXPLANATIONS)


def page(sample: Sample) -> str:
    """The sample's page."""
    table, made = found_in(sample)
    size = f"{table.table.height:,} rows and {table.table.width} columns"
    lines = [
        f"# The first insights in {sample.title}",
        "",
        f"{size}, {made.tests_run // 10 * 10} tests and more.",
        "",
    ]
    for place, one in enumerate(made.insights[:FIRST], start=1):
        tier = "fact" if one.q is None else f"finding, q {'< 0.001' if one.q < _TINY else f'{one.q:.3f}'}"
        lines.append(f"{place}. {one.statement} ({one.type.replace('_', ' ')}, {tier})")
        lines.append(f"   **{one.action_kind.capitalize()}.** {one.action}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, sample in samples().items():
        (FOLDER / f"{name}.md").write_text(page(sample), encoding="utf-8")


if __name__ == "__main__":
    main()
