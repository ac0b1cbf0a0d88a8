"""What helm makes of the chart: `python -m dsp_pipeline_tests.helm.render` lints it and renders it anew.

Its output is committed, with a digest of what it was made from, so that tests need no helm: they look at the
output, and fail when the chart or the values changed since.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

CHART = Path(__file__).parents[2] / "helm" / "dsp-pipeline"
VALUES = Path(__file__).parent / "values"
RENDERED = Path(__file__).parent / "rendered"
RELEASE = "dsp"
_MARK = "# Rendered by helm from chart and values with digest "


def digest(values: Path) -> str:
    """The digest of all that a rendering is made from."""
    files = [values, *sorted(path for path in CHART.rglob("*") if path.is_file())]
    parts = [f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digest_of_rendered(values: Path) -> str:
    """The digest that the committed rendering was made with."""
    return rendered(values).splitlines()[0].removeprefix(_MARK)


def rendered(values: Path) -> str:
    """The committed rendering of some values."""
    return (RENDERED / values.name).read_text(encoding="utf-8")


def main() -> None:
    """Lint the chart with all values, and write what helm makes of it."""
    RENDERED.mkdir(exist_ok=True)
    for values in sorted(VALUES.glob("*.yaml")):
        subprocess.run(["helm", "lint", "--strict", "--quiet", str(CHART), "--values", str(values)], check=True)
        command = ["helm", "template", RELEASE, str(CHART), "--namespace", "data", "--values", str(values)]
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        (RENDERED / values.name).write_text(f"{_MARK}{digest(values)}\n{made}", encoding="utf-8")


if __name__ == "__main__":
    main()
