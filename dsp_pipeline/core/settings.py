"""What an operator can set, as one value made from environment variables.

This package reads no environment itself: callers hand a mapping to `Settings.from_environment`.
Credentials are not settings; the S3 client finds them in its standard chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pydantic

from dsp_pipeline.core.errors import SettingsError
from dsp_pipeline.core.thresholds import AlertThresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "DSP_"
SECTIONS = {"limits": "LIMIT", "alerts": "ALERT"}
"""The fields of `Settings` that hold settings, and what stands before the names of those."""


class _Section(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Limits(_Section):
    """Bounds on what a drop may be; each has a clear error."""

    max_file_bytes: pydantic.PositiveInt = pydantic.Field(5_000_000_000, description="A drop's size as stored.")
    max_text_bytes: pydantic.PositiveInt = pydantic.Field(
        20_000_000_000, description="A drop's size after decompression."
    )
    max_compression_ratio: pydantic.PositiveInt = pydantic.Field(
        1_000, description="Text bytes per compressed byte; more is taken for a decompression bomb."
    )
    max_columns: pydantic.PositiveInt = pydantic.Field(10_000, description="Columns of one table.")
    max_cell_bytes: pydantic.PositiveInt = pydantic.Field(50_000_000, description="One cell's size.")
    max_seconds: pydantic.PositiveInt = pydantic.Field(3_600, description="Seconds for reading one drop.")


class Settings(_Section):
    """Addresses, buckets and limits. Each field is read from ``DSP_`` plus its name in capitals."""

    home: str | None = pydantic.Field(None, description="Folder of the local stack's state; ~/.dsp if unset.")
    store_folder: str | None = pydantic.Field(
        None, description="Keep the buckets as folders below this one instead of in S3."
    )
    s3_endpoint: str | None = pydantic.Field(None, description="URL of an S3-compatible server; AWS if unset.")
    s3_region: str = pydantic.Field("us-east-1", description="The region that requests are signed for.")
    s3_addressing: Literal["auto", "path", "virtual"] = pydantic.Field(
        "auto", description="Bucket in the path or in the host name."
    )
    s3_verify: str = pydantic.Field(
        "true", description="Check TLS certificates: true, false, or a CA bundle's path."
    )
    s3_timeout_seconds: pydantic.PositiveFloat = pydantic.Field(30.0, description="Per request: connect and read.")
    drop_bucket: str = pydantic.Field("dsp-drop", description="Where CSVs arrive.")
    lake_bucket: str = pydantic.Field("dsp-lake", description="Where all artifacts of all versions lie.")
    dashboards_bucket: str = pydantic.Field("dsp-dashboards", description="Where pages are published.")
    dashboards_url: str | None = pydantic.Field(
        None,
        description="Base address under which people reach the dashboards bucket; presigned URLs if unset.",
    )
    dagster_url: str | None = pydantic.Field(None, description="Address of the Dagster UI, for links and --wait.")
    # Dagster's daemon looks at its sensors every 5 seconds and counts from the last tick's end: an interval of
    # 5 is missed by a hair each second time, which makes it one of 10.
    sensor_interval_seconds: pydantic.PositiveInt = pydantic.Field(
        3, description="Least seconds between two listings; Dagster's daemon looks every 5."
    )
    reconcile_cron: str = pydantic.Field("*/10 * * * *", description="When drops without a result are retried.")
    reanalysis_cron: str = pydantic.Field("0 5 * * 1", description="When datasets are re-analysed by default.")
    max_attempts: pydantic.PositiveInt = pydantic.Field(3, description="Runs that one drop gets at most.")
    threads: pydantic.PositiveInt | None = pydantic.Field(
        None, description="Threads of each numeric library in a run; the cores there are if unset."
    )
    limits: Limits = pydantic.Field(Limits(), description="What a drop may be.")
    alerts: AlertThresholds = pydantic.Field(AlertThresholds(), description="Where a fact becomes an alert.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in a mapping of environment variables; those of a section as ``DSP_LIMIT_<NAME>``.

        Raises:
            SettingsError: A variable has a value of the wrong form.
        """
        values: dict[str, object] = {
            field: environment[PREFIX + field.upper()]
            for field in cls.model_fields
            if field not in SECTIONS and environment.get(PREFIX + field.upper())
        }
        for section, model in (("limits", Limits), ("alerts", AlertThresholds)):
            start = f"{PREFIX}{SECTIONS[section]}_"
            values[section] = {
                field: environment[start + field.upper()]
                for field in model.model_fields
                if environment.get(start + field.upper())
            }
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            first = error.errors(include_url=False)[0]
            variable = PREFIX + "_".join(SECTIONS.get(str(part), str(part)).upper() for part in first["loc"])
            raise SettingsError(
                f"{variable}={first['input']!r} is not valid: {first['msg']}",
                where="environment",
                remedy=f"Set {variable} to a valid value or unset it",
            ) from error
