"""The JSON Schemas of the published files and of the sidecar, which editors use to complete and check it.

`python -m dsp_pipeline_tests.schemas` (`make schemas`) writes them; a test checks that they are current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from dsp_pipeline.core.artifacts.explanations import Explanations
from dsp_pipeline.core.artifacts.insights import Insights
from dsp_pipeline.core.artifacts.model import ModelReport
from dsp_pipeline.core.artifacts.predictions import Predictions
from dsp_pipeline.core.artifacts.profile import Profile
from dsp_pipeline.core.artifacts.reading import Reading
from dsp_pipeline.core.artifacts.summary import Catalogue, Summary
from dsp_pipeline.core.artifacts.validation import Validation
from dsp_pipeline.core.sidecar import Sidecar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pydantic
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

FOLDER = Path(__file__).parent.parent / "docs" / "api-reference" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

PUBLISHED: dict[str, type[pydantic.BaseModel]] = {
    "reading": Reading,
    "validation": Validation,
    "profile": Profile,
    "model": ModelReport,
    "explanations": Explanations,
    "insights": Insights,
    "summary": Summary,
    "catalogue": Catalogue,
    "predictions": Predictions,
}
"""What we write and others read: `<name>.json` is described by `<name>.schema.json`."""


class _AsWritten(GenerateJsonSchema):
    """Numbers of published files may be null: JSON has no NaN and no infinity."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        described = super().float_schema(schema)
        return {**described, "type": ["number", "null"]}


def schemas() -> Mapping[str, str]:
    """Each schema's file name and text."""
    made = {
        name: model.model_json_schema(mode="serialization", schema_generator=_AsWritten)
        for name, model in PUBLISHED.items()
    }
    made["sidecar"] = _sidecar_schema()
    return {f"{name}.schema.json": _text(schema) for name, schema in made.items()}


def _sidecar_schema() -> dict[str, Any]:
    """The sidecar's, with the short forms that the model takes before it validates."""
    schema = Sidecar.model_json_schema(mode="validation")
    fields = schema["properties"]
    names = schema["$defs"]["ColumnType"]["properties"]["type"]["anyOf"][0]
    fields["types"]["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/ColumnType"}, names]}
    fields["max_bad_rows"] = {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"},
        ],
        "default": fields["max_bad_rows"]["default"],
        "title": fields["max_bad_rows"]["title"],
    }
    return schema


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
