"""From our errors to Dagster's: what a person reads in the run, and whether it is tried again."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from dsp_pipeline.core.errors import DspError, NoModelYetError, StorageUnavailableError

MAX_RETRIES = 3
WHAT, WHERE, REMEDY, RETRYABLE = "what", "where", "remedy", "retryable"
PUBLISHED = "published"
"""What pages that are passed on say instead of `WHAT`; only where that quotes cells."""


@contextmanager
def explained(retry_number: int, log: dg.DagsterLogManager) -> Iterator[None]:
    """Turn a `DspError` into a failure that says what happened, where and what to do.

    An object store that is unavailable is asked again, up to `MAX_RETRIES` times with growing pauses; nothing
    else is, because trying again would change nothing. A model that is still to come is not waited for in the run.
    """
    try:
        yield
    except StorageUnavailableError as error:
        if retry_number < MAX_RETRIES:
            log.warning("%s Trying again (%d of %d).", error, retry_number + 1, MAX_RETRIES)
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=2**retry_number) from error
        raise failure(error, retryable=True) from error
    except NoModelYetError as error:
        raise failure(error, retryable=True) from error
    except DspError as error:
        raise failure(error, retryable=False) from error


def failure(error: DspError, *, retryable: bool) -> dg.Failure:
    """The failure that the Dagster UI, `dsp` and the catalogue show for an error."""
    published = {} if error.published is None else {PUBLISHED: error.published}
    return dg.Failure(
        description=str(error),
        metadata={
            WHAT: error.what,
            WHERE: error.where,
            REMEDY: error.remedy,
            RETRYABLE: retryable,
            **published,
        },
        allow_retries=False,
    )


def said_by_checks(evaluations: Iterable[dg.AssetCheckEvaluation]) -> Mapping[str, object]:
    """What the first blocking check that failed says, as `failure` says it of an error; empty if none failed."""
    for evaluation in evaluations:
        if not evaluation.passed and evaluation.blocking and evaluation.severity is dg.AssetCheckSeverity.ERROR:
            said = {name: value.value for name, value in evaluation.metadata.items() if name in {WHERE, REMEDY}}
            words = evaluation.description or f"the check '{evaluation.check_name}' failed"
            return {WHAT: words, WHERE: "", REMEDY: "", **said, RETRYABLE: False}
    return {}
