"""`predictions`: rows from the drop bucket, with what the dataset's model says of each, in the lake."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pydantic

from dsp_pipeline import __version__
from dsp_pipeline.core.artifacts.predictions import Predictions
from dsp_pipeline.core.errors import InputError, PreconditionError
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.defs import metadata
from dsp_pipeline.defs.analysis.assets import model
from dsp_pipeline.defs.failures import explained
from dsp_pipeline.defs.ingestion.deadline import deadline
from dsp_pipeline.defs.ingestion.drops import RESERVED_PREFIX
from dsp_pipeline.defs.ingestion.fetch import FetchedDrop, fetched_key
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.prediction.rows import dataset_of_rows, find_rows, rows_key
from dsp_pipeline.storage.base import ObjectStore
from dsp_pipeline.storage.layout import drop_of, predictions_key
from dsp_pipeline.storage.models import StoredModel, find_model
from dsp_pipeline.storage.outcomes import Good, record_good
from dsp_pipeline.storage.stores import Stores

GROUP = "prediction"
OWNERS = ["team:data"]
ROWS_FILE, REPORT_FILE = "predictions.csv", "predictions.json"


class PredictionsConfig(dg.Config):
    """Which rows to predict, and by which model. Empty means: the newest rows, by the latest model."""

    key: str | None = pydantic.Field(
        None, description="The rows' key in the drop bucket, such as predict/sales/new.csv; the newest if empty."
    )
    etag: str | None = pydantic.Field(None, description="Read only this content of the key (its ETag).")
    model_version: str | None = pydantic.Field(
        None, description="The version whose model predicts (12 hex digits); the latest that has one if empty."
    )
    reasons: bool | None = pydantic.Field(
        None, description="Whether each row gets its reasons; if empty, where they take at most ten seconds."
    )


@dg.asset(
    partitions_def=datasets,
    deps=[model],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"s3", "csv", "xgboost"},
    code_version=__version__,
    output_required=False,
)
def predictions(
    context: dg.AssetExecutionContext,
    config: PredictionsConfig,
    settings: dg.ResourceParam[Settings],
    stores: dg.ResourceParam[Stores],
) -> Iterator[dg.MaterializeResult[None]]:
    """Rows dropped under ``predict/<dataset>/``: the same rows in the same order, with predictions behind them.

    Each row has its prediction, the classes' probabilities or a 90 % range, and the columns that moved it most.
    Rows that cannot be read keep their place and say why. `predictions.json` says which version's model was used.
    """
    dataset = context.partition_key
    with explained(context.retry_number, context.log):
        key = _checked(config.key, dataset) if config.key else _newest_rows(stores.drop, dataset)
        found = None
        try:
            with fetched_key(
                stores.drop, dataset=dataset, key=key, etag=config.etag, limits=settings.limits
            ) as rows:
                said = rows.sidecar.predictions
                found = find_model(stores.lake, dataset, config.model_version or said.model_version)
                wanted = said.reasons if config.reasons is None else config.reasons
                made = _predicted(stores.lake, rows, found, settings, wants_reasons=wanted)
        except PreconditionError:
            context.log.info("%s was dropped anew since this run was asked for; a run of its own follows.", key)
            return
        result = predictions_key(dataset, found.version, drop_of(rows.source), ROWS_FILE)
        good = Good(dataset=dataset, version=found.version, run=context.run.run_id, result=result)
        record_good(stores.lake, drop_of(rows.source), good)
    yield dg.MaterializeResult(
        metadata=metadata.of_predictions(made, result, stores.lake.url(result), note=found.note),
        data_version=dg.DataVersion(f"{made.sha256[:12]}-{found.version}"),
    )


def _checked(key: str, dataset: str) -> str:
    if dataset_of_rows(key) != dataset:
        raise InputError(
            f"these are no rows for dataset '{dataset}'",
            where=key,
            remedy=f"Name a key below {rows_key(dataset, '')}, or choose the other dataset's partition",
        )
    return key


def _newest_rows(drop: ObjectStore, dataset: str) -> str:
    rows = [each for each in find_rows(drop.list(RESERVED_PREFIX))[0] if each.dataset == dataset]
    if not rows:
        raise InputError(
            "the drop bucket holds no rows to predict for this dataset",
            where=dataset,
            remedy=f"Drop a CSV as {rows_key(dataset, '<name>.csv')}, or use 'dsp drop FILE --predict {dataset}'",
        )
    return rows[-1].key


def _predicted(
    lake: ObjectStore,
    rows: FetchedDrop,
    found: StoredModel,
    settings: Settings,
    *,
    wants_reasons: bool | None,
) -> Predictions:
    """Predict the rows and put them into the lake; the report goes last."""
    from dsp_pipeline.ml.automl.predictor import Predictor  # noqa: PLC0415 - needs XGBoost
    from dsp_pipeline.ml.prediction.engine import RowsFile, predict_file  # noqa: PLC0415 - needs Polars

    source = rows.source
    file = RowsFile(
        rows.path,
        source,
        rows.sidecar,
        settings.limits,
        between=deadline(settings.limits.max_seconds, where=source.key, doing="reading and predicting"),
    )
    predictor = Predictor.load(found.files)
    threads = settings.threads or os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="dsp-") as folder:
        path = Path(folder) / ROWS_FILE
        with path.open("wb") as target:
            made = predict_file(file, predictor, target, with_reasons=wants_reasons, threads=threads)
        lake.upload(path, predictions_key(source.dataset, found.version, drop_of(source), ROWS_FILE))
    known = {"dataset": source.dataset, "version": found.version, "code_version": __version__}
    made = made.model_copy(update=known)
    lake.put(predictions_key(source.dataset, found.version, drop_of(source), REPORT_FILE), made.to_json())
    return made
