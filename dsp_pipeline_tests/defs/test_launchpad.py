"""What is said in the launchpad goes on top of the sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dsp_pipeline.core.artifacts.validation import Validation
from dsp_pipeline.core.settings import Settings
from dsp_pipeline.definitions import assemble
from dsp_pipeline.defs.failures import WHAT, WHERE
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.storage.folder import FolderStore
from dsp_pipeline.storage.stores import Stores

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A drop bucket with one drop and its sidecar, and room for the lake."""
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "sales.csv").write_text("n,w\n1,a\n2,b\n30,c\n4,d\n")
    (tmp_path / "drop" / "sales.dsp.yaml").write_text("max_bad_rows: 80%\nrules: [{column: n, max: 9}]")
    return tmp_path


def run(folder: Path, config: dict[str, Any]) -> dg.ExecuteInProcessResult:
    """Read and validate the drop with this config of `validated_table`."""
    lake = FolderStore(folder / "lake")
    stores = Stores(drop=FolderStore(folder / "drop"), lake=lake, dashboards=None)
    resources = {"settings": Settings(), "stores": stores, "io_manager": LakeIOManager(lake)}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(datasets.name or "", ["sales"])
        return (
            assemble(resources)
            .resolve_job_def("analyse")
            .execute_in_process(
                run_config={
                    "ops": {"validated_table": {"config": config}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                partition_key="sales",
                raise_on_error=False,
                asset_selection=[dg.AssetKey("raw_dataset"), dg.AssetKey("validated_table")],
            )
        )


def test_rules_of_the_launchpad_are_checked_besides_the_sidecar_s(folder: Path) -> None:
    result = run(folder, {"rules": [{"column": "w", "none_of": ["a"], "severity": "warning"}, {"unique": ["n"]}]})

    assert result.success
    (report,) = (folder / "lake" / "sales").glob("*/validation.json")
    checks = {check.name: check.failed_rows for check in Validation.model_validate_json(report.read_text()).checks}
    assert (checks["rules[1].max"], checks["rules[2].none_of"], checks["rules[3].unique"]) == (1, 1, 0)


def test_a_slip_in_the_launchpad_is_told_as_one_in_a_sidecar_is(folder: Path) -> None:
    result = run(folder, {"rules": [{"colum": "w", "min": 1}]})

    (event,) = result.get_step_failure_events()
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert "unknown field 'rules[1].colum', did you mean 'column'?" in str(failure.metadata[WHAT].value)
    assert failure.metadata[WHERE].value == "the launchpad's config"
