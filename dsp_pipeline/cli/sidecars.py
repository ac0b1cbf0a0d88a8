"""The sidecar beside a file on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp_pipeline.core.errors import SidecarError
from dsp_pipeline.core.naming import SIDECAR_SUFFIX, stem_of
from dsp_pipeline.core.sidecar import Sidecar, parse_sidecar

if TYPE_CHECKING:
    from pathlib import Path


def sidecar_beside(path: Path) -> Path | None:
    """``sales.dsp.yaml`` for ``sales.csv``; None if there is none."""
    beside = path.with_name(stem_of(path.name) + SIDECAR_SUFFIX)
    return beside if beside.is_file() else None


def read_sidecar(path: Path) -> Sidecar:
    """What a sidecar says.

    Raises:
        SidecarError: It is not text, not YAML, or has fields that there are not.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SidecarError(
            f"the sidecar is not UTF-8 text (byte {error.start + 1})", where=str(path), remedy="Save it as UTF-8"
        ) from error
    return parse_sidecar(text, where=str(path))
