"""Buckets of a test's own on the real S3 server, a real Dagster instance, and runs as the sensor asks for them."""

from __future__ import annotations

import dataclasses
import importlib.resources
import uuid
from typing import TYPE_CHECKING

import boto3
import dagster as dg
import pytest
from botocore.config import Config

from dsp_pipeline.core.settings import Settings
from dsp_pipeline.definitions import assemble
from dsp_pipeline.defs.ingestion.sensors import drops_sensor
from dsp_pipeline.defs.io_manager import LakeIOManager
from dsp_pipeline.defs.partitions import datasets
from dsp_pipeline.defs.prediction.sensors import rows_sensor
from dsp_pipeline.storage.stores import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsp_pipeline.stack.object_store import S3Server


@pytest.fixture
def settings(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for three empty buckets of the test's own."""
    name = uuid.uuid4().hex[:12]
    own = {f"DSP_{kind}_BUCKET": f"{kind.lower()}-{name}" for kind in ("DROP", "LAKE", "DASHBOARDS")}
    environment = s3_server.environment | own
    environment["DSP_DASHBOARDS_URL"] = f"{s3_server.endpoint}/{own['DSP_DASHBOARDS_BUCKET']}"
    for variable, value in environment.items():
        if variable != "AWS_SESSION_TOKEN":
            monkeypatch.setenv(variable, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    client = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        region_name=s3_server.region,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    for bucket in own.values():
        client.create_bucket(Bucket=bucket)
    return Settings.from_environment(environment)


@pytest.fixture
def stores(settings: Settings) -> Stores:
    """The test's own buckets."""
    return open_stores(settings)


@pytest.fixture
def instance(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance of the test's own on PostgreSQL, with the settings that the product ships."""
    shipped = importlib.resources.files("dsp_pipeline.stack").joinpath("dagster.yaml")
    (tmp_path / "dagster.yaml").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("DSP_POSTGRES_URL", postgres_url)
    monkeypatch.setenv("DSP_MAX_CONCURRENT_RUNS", "2")
    with dg.DagsterInstance.from_config(str(tmp_path)) as made:
        yield made


@dataclasses.dataclass
class Pipeline:
    """The sensor and the job on a test's buckets, a tick and a run at a time."""

    settings: Settings
    stores: Stores
    instance: dg.DagsterInstance
    cursor: str | None = None
    rows_cursor: str | None = None
    skip_reason: str = ""

    def drop(self, key: str, text: str | bytes) -> None:
        """Put an object into the drop bucket."""
        self.stores.drop.put(key, text.encode() if isinstance(text, str) else text)

    def evaluate(self) -> dg.SensorResult:
        """Evaluate the sensor as the daemon would, without keeping what it says."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        result = drops_sensor(context, stores=self.stores)
        assert isinstance(result, dg.SensorResult)
        return result

    def tick(self) -> list[dg.RunRequest]:
        """One tick that ends well: the cursor moves, partitions are added."""
        result = self.evaluate()
        self.cursor = result.cursor
        return self._kept(result)

    def tick_for_rows(self) -> list[dg.RunRequest]:
        """The same of the sensor that notices rows to predict."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.rows_cursor)
        result = rows_sensor(context, stores=self.stores)
        assert isinstance(result, dg.SensorResult)
        self.rows_cursor = result.cursor
        return self._kept(result)

    def _kept(self, result: dg.SensorResult) -> list[dg.RunRequest]:
        self.skip_reason = result.skip_reason.skip_message or "" if result.skip_reason else ""
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(datasets.name or "", list(request.partition_keys))
        return list(result.run_requests or [])

    def run(self, request: dg.RunRequest, *, stores: Stores | None = None) -> dg.ExecuteInProcessResult:
        """Execute what the sensor asked for."""
        used = stores or self.stores
        resources = {"settings": self.settings, "stores": used, "io_manager": LakeIOManager(used.lake)}
        return (
            assemble(resources)
            .resolve_job_def("predict" if "predictions" in request.run_config["ops"] else "analyse")
            .execute_in_process(
                run_config=dict(request.run_config)
                | {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                instance=self.instance,
                partition_key=request.partition_key,
                tags=dict(request.tags),
                raise_on_error=False,
            )
        )

    def tick_and_run(self) -> list[dg.ExecuteInProcessResult]:
        """One tick, and the runs that it asks for."""
        return [self.run(request) for request in self.tick()]

    def page(self, key: str) -> str:
        """A published page."""
        assert self.stores.dashboards is not None
        return self.stores.dashboards.get(key).data.decode()


@pytest.fixture
def pipeline(settings: Settings, stores: Stores, instance: dg.DagsterInstance) -> Pipeline:
    """The pipeline on the test's own buckets."""
    return Pipeline(settings, stores, instance)
