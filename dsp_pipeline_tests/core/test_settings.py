"""Settings come from the environment, each with a clear error."""

from __future__ import annotations

import pytest

from dsp_pipeline.core.errors import SettingsError
from dsp_pipeline.core.settings import Limits, Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_field_is_read_from_its_variable() -> None:
    environment = {
        "DSP_S3_ENDPOINT": "http://127.0.0.1:9000",
        "DSP_DROP_BUCKET": "incoming",
        "DSP_SENSOR_INTERVAL_SECONDS": "30",
        "DSP_LIMIT_MAX_COLUMNS": "12",
        "HOME": "/somewhere",
    }
    settings = Settings.from_environment(environment)
    assert settings.s3_endpoint == "http://127.0.0.1:9000"
    assert settings.drop_bucket == "incoming"
    assert settings.sensor_interval_seconds == 30
    assert settings.limits == Limits(max_columns=12)


def test_an_empty_variable_is_an_unset_one() -> None:
    assert Settings.from_environment({"DSP_DROP_BUCKET": "", "DSP_LIMIT_MAX_COLUMNS": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DSP_S3_ADDRESSING", "sideways"),
        ("DSP_MAX_ATTEMPTS", "0"),
        ("DSP_LIMIT_MAX_FILE_BYTES", "many"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: value})
    assert f"{variable}={value!r} is not valid" in caught.value.what
    assert variable in caught.value.remedy


@pytest.mark.parametrize("field", [*Settings.model_fields, *Limits.model_fields])
def test_every_setting_is_described(field: str) -> None:
    described = {**Settings.model_fields, **Limits.model_fields}[field]
    assert described.description or field == "limits"
