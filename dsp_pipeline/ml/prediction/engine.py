"""From a file of rows to the same rows with predictions, batch by batch: memory holds a few of them at a time."""

from __future__ import annotations

import dataclasses
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars.selectors as cs

from dsp_pipeline.core.artifacts.predictions import Predictions, Retyped
from dsp_pipeline.etl.casting import cast
from dsp_pipeline.etl.reader import read, require_rows
from dsp_pipeline.ml.prediction import reasons
from dsp_pipeline.ml.prediction.fit import extra_columns
from dsp_pipeline.ml.prediction.readings import WORDS, declared, settled
from dsp_pipeline.ml.prediction.rows import Output, batches, unread_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import BinaryIO

    from dsp_pipeline.core.artifacts.reading import Source
    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.casting import Failure
    from dsp_pipeline.etl.tables import RawTable
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.predictor import Predictor

REMARK = "prediction_note"


@dataclasses.dataclass(frozen=True)
class RowsFile:
    """A file of rows to predict.

    Attributes:
        path: Where it lies.
        source: What it is called, and the digest of its bytes.
        sidecar: What its owner says of how it is read.
        limits: Bounds on what it may be.
        between: Called between pieces of the work; what it raises ends it.
    """

    path: Path
    source: Source
    sidecar: Sidecar
    limits: Limits
    between: Callable[[], None] = lambda: None


def predict_file(
    rows: RowsFile, predictor: Predictor, target: BinaryIO, *, with_reasons: bool | None
) -> Predictions:
    """Write a file's rows with predictions behind them, in the file's order, and none left out.

    Args:
        rows: The file; it is read like any drop.
        predictor: The model.
        target: An empty file that can be written and truncated.
        with_reasons: Whether each row gets its reasons; None decides by what they cost.

    Raises:
        ReadingError: The file is no table, or has no rows.
        PredictionError: It lacks columns that the model needs, or its sidecar says that they hold something else.
        SidecarError: The sidecar says the type of a column that is not there.
    """
    known = predictor.columns
    raw = read(
        rows.path,
        source=rows.source,
        sidecar=rows.sidecar,
        limits=rows.limits,
        between=rows.between,
        known=known,
    )
    raw = require_rows(raw)
    extra = extra_columns(raw.reading, predictor)
    if with_reasons is None:
        with_reasons = reasons.are_affordable(predictor.artifact.scorer, raw.stored.height)
        refused = "" if with_reasons else _too_costly(predictor, raw.stored.height)
    else:
        refused = "" if with_reasons else "none: they were not wanted"
    work = _Work(raw, predictor, with_reasons=with_reasons, between=rows.between)
    while (failed := work.write(target)) is not None:
        target.seek(0)
        target.truncate()
        work.settle(failed)
    return _report(work, extra, reasons=refused or predictor.manifest.margin)


def _too_costly(predictor: Predictor, rows: int) -> str:
    minutes = predictor.artifact.scorer.explain_seconds * rows / 60
    return f"none: for {rows:,} rows they would take about {minutes:,.0f} minutes; they come if they are asked for"


class _Work:
    """The rows' way through the model, which starts again where cells turn out to be written differently."""

    def __init__(
        self, raw: RawTable, predictor: Predictor, *, with_reasons: bool, between: Callable[[], None]
    ) -> None:
        self.raw = raw
        self.predictor = predictor
        self._with_reasons = with_reasons
        self._between = between
        self._readings = {column.name: column for column in predictor.columns}
        self._shown = {column.name: column.original_name for column in raw.reading.columns}
        self.retyped: dict[str, Retyped | None] = {}
        for name, (reading, said) in declared(raw, predictor.columns, target=predictor.manifest.target).items():
            self._readings[name], self.retyped[name] = reading, said
        self.new_labels: Counter[str] = Counter()
        self.output = Output(raw, self._added_names())

    def settle(self, failed: Sequence[str]) -> None:
        """Decide how columns are read whose cells the model's reading fails."""
        by_name = {column.name: column for column in self.raw.reading.columns}
        for name in failed:
            self._readings[name], self.retyped[name] = settled(self.raw, by_name[name])

    def write(self, target: BinaryIO) -> list[str] | None:
        """Write all rows; or stop and name the columns that have to be settled first."""
        self.new_labels.clear()
        self.output = Output(self.raw, self._added_names())
        target.write(self.output.header())
        waiting: Future[int] | None = None
        # Lines are formatted and written while the next rows are predicted.
        with ThreadPoolExecutor(1) as beside:
            for batch in batches(self.raw):
                self._between()
                typed, failures = cast(batch, list(self._readings.values()))
                unsettled = [each.column.name for each in failures if each.column.name not in self.retyped]
                if unsettled:
                    return unsettled
                added = self._added(batch, typed, failures)
                if waiting is not None:
                    waiting.result()
                waiting = beside.submit(_write, target, self.output, batch, added)
            if waiting is not None:
                waiting.result()
        target.write(self.output.rest(self._nothing()))
        return None

    def _added_names(self) -> list[str]:
        return [column.name for column in self._nothing()]

    def _nothing(self) -> list[pl.Series]:
        """The added columns of no rows."""
        predicted = self.predictor.predictions(np.empty((0, max(1, len(self.predictor.manifest.classes)))))
        texts = [*(reasons.COLUMNS if self._with_reasons else ()), REMARK]
        return [*predicted.get_columns(), *(pl.Series(name, [], pl.String) for name in texts)]

    def _added(self, batch: pl.DataFrame, typed: pl.DataFrame, failures: Sequence[Failure]) -> list[pl.Series]:
        matrix = self.predictor.matrix(typed)
        self._count_new_labels(typed, matrix)
        response = self.predictor.response(matrix)
        # Single precision has seven digits: more would only look exact.
        added = self.predictor.predictions(response).with_columns(cs.float().round_sig_figs(7)).get_columns()
        if self._with_reasons:
            shown = self.predictor.called(response) if self.predictor.manifest.outputs > 1 else None
            outputs = np.zeros(batch.height, np.int64) if shown is None else shown
            columns, values = reasons.contributions(self.predictor.artifact.scorer, matrix, outputs)
            added += reasons.as_text(values, batch.select(columns), [self._shown[name] for name in columns])
        return [*added, self._remarks(batch.height, failures)]

    def _count_new_labels(self, typed: pl.DataFrame, matrix: Matrix) -> None:
        """Count labels that training never saw, where it saw all there were."""
        for place in np.flatnonzero(matrix.categories):
            column = matrix.columns[place]
            new = int(np.isnan(matrix.values[:, place]).sum()) - typed[column].null_count()
            if new > 0:
                self.new_labels[self._shown[column]] += new

    def _remarks(self, rows: int, failures: Sequence[Failure]) -> pl.Series:
        """For each row which of its cells count as missing though they hold something."""
        said: dict[int, list[str]] = {}
        for failure in failures:
            text = f"{self._shown[failure.column.name]} cannot be read as {WORDS[failure.column.dtype]}"
            for row in failure.rows.to_list():
                said.setdefault(row, []).append(text)
        remarks = pl.Series(REMARK, [None] * rows, pl.String)
        texts = ["; ".join(each) + ": counts as missing" for each in said.values()]
        return remarks.scatter(list(said), texts) if said else remarks


def _write(target: BinaryIO, output: Output, batch: pl.DataFrame, added: Sequence[pl.Series]) -> int:
    return target.write(output.block(batch, added))


def _report(work: _Work, extra: list[str], *, reasons: str) -> Predictions:
    raw, manifest = work.raw, work.predictor.manifest
    return Predictions(
        key=raw.reading.source.key,
        etag=raw.reading.source.etag,
        sha256=raw.reading.source.sha256,
        model=manifest.name,
        task=manifest.task,
        target=manifest.target,
        threshold=manifest.threshold,
        rows=raw.reading.rows_in,
        rows_predicted=raw.stored.height,
        rows_unread=raw.set_aside.height,
        columns=work.output.added,
        reasons=reasons,
        extra=extra,
        retyped=[each for each in work.retyped.values() if each is not None],
        new_labels=dict(work.new_labels),
        unread=unread_rows(raw),
    )
