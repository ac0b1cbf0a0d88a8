"""The JSON Schemas in docs/api-reference/schemas say what is really written."""

from __future__ import annotations

import json
import re
from typing import Any

from dsp_pipeline.storage.artifacts import ARTIFACTS
from dsp_pipeline_tests import schemas

PEOPLE = {"sidecar.json", "applied.json"}  # described by sidecar.schema.json


def test_the_committed_schemas_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in schemas.FOLDER.iterdir()}
    assert committed == schemas.schemas(), "run `make schemas`"


def test_every_json_file_of_an_asset_has_a_schema() -> None:
    files = {
        part.file for artifact in ARTIFACTS.values() for part in artifact.parts if part.file.endswith(".json")
    }
    assert {file.removesuffix(".json") for file in files - PEOPLE} <= set(schemas.PUBLISHED)


def test_published_numbers_may_be_null_since_json_has_no_nan() -> None:
    for name in schemas.PUBLISHED:
        schema = json.loads(schemas.schemas()[f"{name}.schema.json"])
        assert not [found for found in _types(schema) if found == "number"], name


def test_the_sidecars_schema_takes_the_short_forms_that_people_write() -> None:
    fields = json.loads(schemas.schemas()["sidecar.schema.json"])["properties"]
    assert "text" in fields["types"]["additionalProperties"]["anyOf"][1]["enum"]
    number, percentage = fields["max_bad_rows"]["anyOf"]
    assert number == {"type": "number", "minimum": 0, "maximum": 1}
    assert re.search(percentage["pattern"], "2%")


def _types(schema: Any) -> list[object]:
    if isinstance(schema, list):
        return [found for part in schema for found in _types(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["type"]] if "type" in schema else []
    return own + [found for part in schema.values() for found in _types(part)]
