"""Settings come from the environment, each with a clear error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp_pipeline.core.errors import SettingsError
from dsp_pipeline.core.settings import Limits, Settings
from dsp_pipeline.core.thresholds import AlertThresholds

if TYPE_CHECKING:
    import pydantic


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_field_is_read_from_its_variable() -> None:
    environment = {
        "DSP_S3_ENDPOINT": "http://127.0.0.1:9000",
        "DSP_DROP_BUCKET": "incoming",
        "DSP_SENSOR_INTERVAL_SECONDS": "30",
        "DSP_LIMIT_MAX_COLUMNS": "12",
        "DSP_ALERT_SKEWNESS": "3.5",
        "HOME": "/somewhere",
    }
    settings = Settings.from_environment(environment)
    assert settings.s3_endpoint == "http://127.0.0.1:9000"
    assert settings.drop_bucket == "incoming"
    assert settings.sensor_interval_seconds == 30
    assert settings.limits == Limits(max_columns=12)
    assert settings.alerts == AlertThresholds(skewness=3.5)


def test_an_empty_variable_is_an_unset_one() -> None:
    assert Settings.from_environment({"DSP_DROP_BUCKET": "", "DSP_LIMIT_MAX_COLUMNS": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DSP_S3_ADDRESSING", "sideways"),
        ("DSP_MAX_ATTEMPTS", "0"),
        ("DSP_LIMIT_MAX_FILE_BYTES", "many"),
        ("DSP_ALERT_MISSING", "1.5"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: value})
    assert f"{variable}={value!r} is not valid" in caught.value.what
    assert variable in caught.value.remedy


@pytest.mark.parametrize("model", [Settings, Limits, AlertThresholds])
def test_every_setting_is_described(model: type[pydantic.BaseModel]) -> None:
    assert all(field.description for field in model.model_fields.values())
