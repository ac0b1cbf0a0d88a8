"""Every error that dsp_pipeline raises on purpose.

DspError                    says what happened, where, and what to do next
  InputError                the person who dropped the file can mend it; never retried
    ReadingError            the bytes are not a table we can read
    SidecarError            the sidecar is not valid, or names what is not there
    ValidationError         too many rows break the contract
    PredictionError         the rows to predict do not fit the model
      NoModelYetError       the dataset was not analysed yet: the one input that time can mend
    NamingError             a key or name that cannot name a dataset
  SettingsError             the operator can mend it: addresses, credentials, limits
  StorageError              the object store did not do what was asked
    ObjectNotFoundError     no object has that key
    PreconditionError       the object is not the one that was listed (its ETag changed)
    StorageUnavailableError the store answered 5xx, timed out or refused: worth a retry
  StackError                an embedded server did not start or ended early
"""

from __future__ import annotations

from dsp_pipeline.core.numbers import plain


class DspError(Exception):
    """An error with the three things its reader needs.

    Args:
        what: What happened, in one sentence without a full stop.
        where: The file, key, line, column or server it happened at; empty if it is nowhere in particular.
        remedy: What to do next, in one sentence without a full stop; empty if there is nothing to do.
        published: What happened as pages may say it that are passed on; None where ``what`` quotes no cells.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", published: str | None = None) -> None:
        super().__init__(plain(what), plain(where), plain(remedy))
        self.what = plain(what)
        self.where = plain(where)
        self.remedy = plain(remedy)
        self.published = None if published is None else plain(published)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy, self.published))

    def __str__(self) -> str:
        """The whole message on one line, as ``where: what. Remedy.`` and no more."""
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.remedy}." if self.remedy else ""
        return f"{place}{self.what}.{advice}"


def _rebuild(kind: type[DspError], what: str, where: str, remedy: str, published: str | None) -> DspError:
    return kind(what, where=where, remedy=remedy, published=published)


class InputError(DspError):
    """The data or what was said about it is at fault; trying again changes nothing."""


class ReadingError(InputError):
    """The bytes are not a table that can be read."""


class SidecarError(InputError):
    """The sidecar is not valid YAML, has an unknown field, or names a column that is not there."""


class ValidationError(InputError):
    """More rows break the contract than its owner allows."""


class PredictionError(InputError):
    """The rows to predict do not fit the model, or there is no model."""


class NoModelYetError(PredictionError):
    """No model was made for the dataset yet: trying again helps once one is."""


class NamingError(InputError):
    """A key or a name from which no dataset's name can be made."""


class SettingsError(DspError):
    """An address, a credential or a limit that the operator has to mend."""


class StorageError(DspError):
    """The object store did not do what was asked."""


class ObjectNotFoundError(StorageError):
    """No object has that key."""


class PreconditionError(StorageError):
    """The object changed since it was listed, or one is there already."""


class StorageUnavailableError(StorageError):
    """The store answered with a server error, timed out or refused the connection; a retry may help."""


class StackError(DspError):
    """An embedded server did not start, or ended before its owner did."""
