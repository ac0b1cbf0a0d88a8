"""The published artifacts: the public interface between the parts and for people who script against them.

One module per asset; each model is written as JSON beside that asset's tables. Changes are additive only;
the JSON Schemas in docs/api-reference/schemas/ are generated from these models and checked by a test.
"""

from __future__ import annotations

import pydantic


class ArtifactModel(pydantic.BaseModel):
    """Base of all published values: frozen, tolerant of fields that a later version adds."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="ignore", ser_json_inf_nan="null", populate_by_name=True, protected_namespaces=()
    )

    def to_json(self) -> bytes:
        """The JSON text as UTF-8 bytes, indented, ended by a newline; NaN and infinities become null."""
        return self.model_dump_json(indent=1, by_alias=True).encode() + b"\n"
