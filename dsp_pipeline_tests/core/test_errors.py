"""An error says what happened, where, and what to do, and keeps that when it crosses a process."""

from __future__ import annotations

import pickle

import pytest

from dsp_pipeline.core import errors
from dsp_pipeline.core.errors import DspError, InputError, ReadingError, StorageUnavailableError

_ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DspError)]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ReadingError("it is empty", where="a.csv", remedy="Drop it again"), "a.csv: it is empty. Drop it again."),
        (ReadingError("it is empty", where="a.csv"), "a.csv: it is empty."),
        (ReadingError("it is empty", remedy="Drop it again"), "it is empty. Drop it again."),
        (ReadingError("it is empty"), "it is empty."),
    ],
)
def test_a_message_is_one_line_of_three_parts(error: DspError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize("kind", _ALL)
def test_every_error_survives_a_process_boundary(kind: type[DspError]) -> None:
    sent = kind("what", where="where", remedy="remedy")
    back = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own bytes
    assert type(back) is kind
    assert (back.what, back.where, back.remedy) == ("what", "where", "remedy")


@pytest.mark.parametrize("kind", _ALL)
def test_the_module_s_docstring_names_every_error(kind: type[DspError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_what_may_be_retried_is_not_the_input() -> None:
    assert not issubclass(StorageUnavailableError, InputError)
