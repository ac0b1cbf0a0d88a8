"""A folder to drop files into, for every test here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline_tests.etl.drops import Dropper

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def drop(tmp_path: Path) -> Dropper:
    return Dropper(tmp_path)
