"""From a file of rows to the same rows with predictions, batch by batch: memory holds a few of them at a time."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from dsp_pipeline.core.artifacts.predictions import Predictions, Retyped
from dsp_pipeline.etl.casting import cast
from dsp_pipeline.etl.opening import open_table
from dsp_pipeline.etl.reader import read, require_rows
from dsp_pipeline.etl.streaming import RowStream, stored_passages
from dsp_pipeline.etl.tables import RawTable
from dsp_pipeline.ml.prediction import reasons
from dsp_pipeline.ml.prediction.fit import extra_columns
from dsp_pipeline.ml.prediction.readings import WORDS, declared, settled
from dsp_pipeline.ml.prediction.rows import Output, unread_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import BinaryIO

    from dsp_pipeline.core.artifacts.reading import Source
    from dsp_pipeline.core.settings import Limits
    from dsp_pipeline.core.sidecar import Sidecar
    from dsp_pipeline.etl.casting import Failure
    from dsp_pipeline.etl.streaming import Passage
    from dsp_pipeline.ml.automl.encoding import Matrix
    from dsp_pipeline.ml.automl.predictor import Predictor

REMARK = "prediction_note"

_PIECE_ROWS, _PIECE_CELLS = 1 << 14, 1 << 21
"""That are predicted together: enough to be quick, few enough to stay in the processor's caches."""


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

    def stream(self, predictor: Predictor) -> RowStream:
        """The rows as they are read."""
        opened = open_table(
            self.path, source=self.source, sidecar=self.sidecar, limits=self.limits, between=self.between
        )
        return RowStream(opened, predictor.columns)

    def whole(self, predictor: Predictor) -> RawTable:
        """All rows, kept on the local disk."""
        raw = read(
            self.path,
            source=self.source,
            sidecar=self.sidecar,
            limits=self.limits,
            between=self.between,
            known=predictor.columns,
        )
        return require_rows(raw)


def predict_file(
    rows: RowsFile, predictor: Predictor, target: BinaryIO, *, with_reasons: bool | None, threads: int = 1
) -> Predictions:
    """Write a file's rows with predictions behind them, in the file's order, and none left out.

    Args:
        rows: The file; it is read like any drop.
        predictor: The model. Let it use one thread: pieces of the file are what is predicted side by side.
        target: An empty file that can be written and truncated.
        with_reasons: Whether each row gets its reasons; None decides by what they cost.
        threads: How many pieces are predicted at a time.

    Raises:
        ReadingError: The file is no table, or has no rows.
        PredictionError: It lacks columns that the model needs, or its sidecar says that they hold something else.
        SidecarError: The sidecar says the type of a column that is not there.
    """
    # What the sidecar says of a column is held against all of its cells.
    source = rows.whole(predictor) if rows.sidecar.types else rows.stream(predictor)
    extra = extra_columns(source.reading, predictor)
    work = _Work(source, predictor, between=rows.between, threads=threads)
    work.with_reasons = work.affords_reasons(_most_rows(source)) if with_reasons is None else with_reasons
    while True:
        failed = work.write(target, source)
        if failed:
            # Which way of writing them fits is told by all of a column's cells.
            source = source if isinstance(source, RawTable) else rows.whole(predictor)
            work.settle(source, failed)
        elif with_reasons is None and not work.with_reasons and work.affords_reasons(source.reading.rows_read):
            # Lines that end within cells had made rows seem more.
            work.with_reasons = True
            source = source if isinstance(source, RawTable) else rows.stream(predictor)
        else:
            break
        target.seek(0)
        target.truncate()
    return _report(work, source, extra, reasons=_about_reasons(work, source, are_wanted=with_reasons))


def _most_rows(source: RowStream | RawTable) -> int:
    """How many rows there are at most; of those that are read as they pass, by a pass over the text."""
    return source.most_rows() if isinstance(source, RowStream) else source.stored.height


def _about_reasons(work: _Work, source: RowStream | RawTable, *, are_wanted: bool | None) -> str:
    """What the reasons' figures measure, or why there are none."""
    if work.with_reasons:
        return work.predictor.manifest.margin
    if are_wanted is not None:
        return "none: they were not wanted"
    rows = source.reading.rows_read
    minutes = work.predictor.artifact.scorer.explain_seconds * rows / 60
    return f"none: for {rows:,} rows they would take about {minutes:,.1f} minutes; they come if they are asked for"


class _Piece(NamedTuple):
    """What became of some records: lines, new labels by column, and columns that have to be settled first."""

    lines: bytes
    new_labels: Counter[str]
    unsettled: list[str]


class _Work:
    """The rows' way through the model, which starts again where cells turn out to be written differently.

    Attributes:
        predictor: The model.
        with_reasons: Whether each row gets its reasons.
        retyped: What is told of columns that are read otherwise than the model's table, or None, by name.
        new_labels: Cells by column whose label training never saw.
        output: What writes the rows.
    """

    def __init__(
        self,
        source: RowStream | RawTable,
        predictor: Predictor,
        *,
        between: Callable[[], None],
        threads: int,
    ) -> None:
        self.predictor = predictor
        self.with_reasons = False
        self._between = between
        self._threads = threads
        self._columns = {column.name: column for column in source.reading.columns}
        self._readings = {column.name: column for column in predictor.columns}
        self.retyped: dict[str, Retyped | None] = {}
        if isinstance(source, RawTable):
            for name, (reading, said) in declared(
                source, predictor.columns, target=predictor.manifest.target
            ).items():
                self._readings[name], self.retyped[name] = reading, said
        self.new_labels: Counter[str] = Counter()
        self.output = Output(source.reading, self._nothing())

    def affords_reasons(self, rows: int) -> bool:
        """Whether reasons are given to so many rows without being asked for."""
        return reasons.are_affordable(self.predictor.artifact.scorer, rows)

    def settle(self, raw: RawTable, failed: Sequence[str]) -> None:
        """Decide how columns are read whose cells the model's reading fails."""
        for name in failed:
            self._readings[name], self.retyped[name] = settled(raw, self._columns[name])

    def write(self, target: BinaryIO, source: RowStream | RawTable) -> list[str]:
        """Write all rows; or stop and name the columns that have to be settled first."""
        self.new_labels.clear()
        self.output = Output(source.reading, self._nothing())
        target.write(self.output.header())
        passages = source.passages() if isinstance(source, RowStream) else stored_passages(source)
        most = max(1, min(_PIECE_ROWS, _PIECE_CELLS // len(self._columns)))
        pieces = (piece for passage in passages for piece in passage.pieces(most))
        with contextlib.closing(self._made(pieces)) as made:
            for piece in made:
                if piece.unsettled:
                    return piece.unsettled
                target.write(piece.lines)
                self.new_labels.update(piece.new_labels)
        return []

    def _made(self, passages: Iterable[Passage]) -> Generator[_Piece]:
        """What becomes of passages, in their order: some are worked on while the next are read."""
        waiting: deque[Future[_Piece]] = deque()
        with ThreadPoolExecutor(self._threads) as beside:
            for passage in passages:
                self._between()
                waiting.append(beside.submit(self._piece, passage))
                if len(waiting) > 2 * self._threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _nothing(self) -> list[pl.Series]:
        """The added columns of no rows."""
        predicted = self.predictor.predictions(np.empty((0, max(1, len(self.predictor.manifest.classes)))))
        texts = [*(reasons.COLUMNS if self.with_reasons else ()), REMARK]
        return [*predicted.get_columns(), *(pl.Series(name, [], pl.String) for name in texts)]

    def _piece(self, passage: Passage) -> _Piece:
        if not passage.rows.height:
            return _Piece(self.output.lines(passage, []), Counter(), [])
        typed, failures = cast(passage.rows, list(self._readings.values()))
        unsettled = [each.column.name for each in failures if each.column.name not in self.retyped]
        if unsettled:
            return _Piece(b"", Counter(), unsettled)
        matrix = self.predictor.matrix(typed)
        added = [*self._predicted(passage.rows, matrix), self._remarks(passage.rows.height, failures)]
        return _Piece(self.output.lines(passage, added), self._new_labels(typed, matrix), [])

    def _predicted(self, rows: pl.DataFrame, matrix: Matrix) -> list[pl.Series]:
        """Predictions, with their reasons if these are wanted."""
        response = self.predictor.response(matrix)
        # Single precision has seven digits: more would only look exact.
        added = self.predictor.predictions(response).with_columns(cs.float().round_sig_figs(7)).get_columns()
        if self.with_reasons:
            shown = self.predictor.called(response) if self.predictor.manifest.outputs > 1 else None
            outputs = np.zeros(rows.height, np.int64) if shown is None else shown
            columns, values = reasons.contributions(self.predictor.artifact.scorer, matrix, outputs)
            added += reasons.as_text(values, rows.select(columns), [self._shown(name) for name in columns])
        return added

    def _shown(self, name: str) -> str:
        return self._columns[name].original_name

    def _new_labels(self, typed: pl.DataFrame, matrix: Matrix) -> Counter[str]:
        """Count labels that training never saw, where it saw all there were."""
        found: Counter[str] = Counter()
        for place in np.flatnonzero(matrix.categories):
            column = matrix.columns[place]
            new = int(np.isnan(matrix.values[:, place]).sum()) - typed[column].null_count()
            if new > 0:
                found[self._shown(column)] += new
        return found

    def _remarks(self, rows: int, failures: Sequence[Failure]) -> pl.Series:
        """For each row which of its cells count as missing though they hold something."""
        said: dict[int, list[str]] = {}
        for failure in failures:
            text = f"{self._shown(failure.column.name)} cannot be read as {WORDS[failure.column.dtype]}"
            for row in failure.rows.to_list():
                said.setdefault(row, []).append(text)
        remarks = pl.Series(REMARK, [None] * rows, pl.String)
        texts = ["; ".join(each) + ": counts as missing" for each in said.values()]
        return remarks.scatter(list(said), texts) if said else remarks


def _report(work: _Work, source: RowStream | RawTable, extra: list[str], *, reasons: str) -> Predictions:
    reading, manifest = source.reading, work.predictor.manifest
    return Predictions(
        key=reading.source.key,
        etag=reading.source.etag,
        sha256=reading.source.sha256,
        model=manifest.name,
        task=manifest.task,
        target=manifest.target,
        threshold=manifest.threshold,
        rows=reading.rows_in,
        rows_predicted=reading.rows_read,
        rows_unread=reading.rows_rejected,
        columns=work.output.added,
        reasons=reasons,
        extra=extra,
        retyped=[each for each in work.retyped.values() if each is not None],
        new_labels=dict(work.new_labels),
        unread=unread_rows(source.set_aside),
    )
