"""The example files are read as docs/examples says."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.reading import Source
from dsp_pipeline.core.sidecar import Sidecar, parse_sidecar
from dsp_pipeline.etl.reader import read
from dsp_pipeline.etl.validator import Outside, validate
from dsp_pipeline_tests.docs import pages

if TYPE_CHECKING:
    from dsp_pipeline.etl.tables import ValidatedTable

FOLDER = pages.ROOT / "docs" / "examples"


def validated(name: str) -> ValidatedTable:
    path = FOLDER / f"{name}.csv"
    beside = FOLDER / f"{name}.dsp.yaml"
    said = parse_sidecar(beside.read_text(encoding="utf-8"), where=beside.name) if beside.exists() else Sidecar()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    source = Source(dataset=name, version=sha256[:12], key=path.name, etag="0", bytes=size, sha256=sha256)
    return validate(
        read(path, source=source, sidecar=said), sidecar=said, outside=Outside(dt.datetime.now(dt.UTC))
    )


def test_two_refunds_and_an_order_of_two_items_are_in_the_sales_quarantine() -> None:
    quarantine = validated("sales").quarantine
    messages = quarantine["reasons"].explode().struct.field("message").to_list()
    assert sorted(messages) == ["Refunds belong in refunds.csv"] * 2 + ["items is not a whole number"]


def test_a_bank_statement_is_read_in_its_own_encoding_and_notation() -> None:
    found = validated("bank-statement")
    assert (found.reading.encoding, found.reading.delimiter, found.reading.header_row) == ("cp1252", ";", 4)
    assert found.table.schema["Buchungstag"] == pl.Date
    assert found.table.schema["Betrag"] == pl.Float64
    assert "Bäckerei Müller" in found.table["Empfänger"].unique().to_list()
    assert found.quarantine.is_empty()


def test_an_unclosed_quote_costs_one_line_of_the_damaged_file() -> None:
    found = validated("damaged")
    assert found.validation.rows_in == 60
    assert found.quarantine["line"].to_list() == [14, 28, 51]
