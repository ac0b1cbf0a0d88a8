"""How the page was made: enough to make it again, or to doubt it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.dashboard.view import Fact
from dsp_pipeline.dashboard.wording import NONE, plural, size, timestamp, whole

if TYPE_CHECKING:
    from dsp_pipeline.dashboard.sections.material import Material

_DELIMITERS = {"\t": "tab", " ": "space"}


def making(material: Material) -> tuple[Fact, ...]:
    """The facts, from the file to the page."""
    built, reading = material.built_from, material.reading
    source, sidecar = reading.source, material.validated.sidecar
    facts = [
        Fact(
            "File",
            built.key,
            note=f"{size(source.bytes)}, {reading.encoding}, {reading.compression or 'not compressed'}",
        ),
        Fact("Dropped at", timestamp(source.dropped_at)),
        Fact("SHA-256 of the file", source.sha256),
        Fact("Version", built.version, note="the first 12 digits of that SHA-256"),
        Fact("Sidecar", source.sidecar_key or "none"),
        Fact("Delimiter", _DELIMITERS.get(reading.delimiter, reading.delimiter)),
        Fact("Header", f"line {whole(reading.header_row)}" if reading.header_row is not None else "none"),
        Fact("Statistical tests", plural(material.insights.tests_run, "test")),
        Fact("Seed", str(sidecar.seed)),
        Fact("Run", built.run or NONE),
        Fact("Code version", built.code_version),
    ]
    return tuple(facts)
