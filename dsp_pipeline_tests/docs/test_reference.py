"""What the documentation lists is what the code has: no more, no less."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING, Any

import click
import pytest
from packaging.requirements import Requirement

from dsp_pipeline.cli import main
from dsp_pipeline.cli.exits import MEANINGS
from dsp_pipeline.core import rules, sidecar
from dsp_pipeline.core.naming import dataset_of
from dsp_pipeline.core.settings import SECTIONS, Limits, Settings
from dsp_pipeline.core.thresholds import AlertThresholds
from dsp_pipeline.defs.analysis.assets import ModelConfig
from dsp_pipeline.defs.ingestion.assets import RawDatasetConfig, ValidatedTableConfig
from dsp_pipeline.defs.prediction.assets import PredictionsConfig
from dsp_pipeline.defs.reporting.assets import DashboardConfig
from dsp_pipeline.ml.statistics.alerts.codes import CODES
from dsp_pipeline.storage.artifacts import ARTIFACTS
from dsp_pipeline_tests import schemas
from dsp_pipeline_tests.docs import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pydantic

DOCS = pages.ROOT / "docs"
FOR_DAGSTER = {"DSP_POSTGRES_URL", "DSP_MAX_CONCURRENT_RUNS"}
ON_EVERY_COMMAND = {"--help", "-h", "--debug"}
NAMED_BY_THE_ISSUE = {
    "dagster",
    "dagster-webserver",
    "dagster-postgres",
    "polars",
    "pandera",
    "xgboost",
    "scikit-learn",
    "shap",
    "plotly",
    "jinja2",
    "boto3",
    "pytest",
}


def _documented(text: str, column: int = 0) -> list[str]:
    """What the tables of a text have in backticks in one column."""
    return [code for row in pages.rows(text) for code in pages.codes(row[column])]


def test_every_environment_variable_is_documented() -> None:
    text = "".join(pages.sections(DOCS / "deployment" / "settings.md").values())
    settings = {f"DSP_{field.upper()}" for field in Settings.model_fields if field not in SECTIONS}
    limits = {f"DSP_LIMIT_{field.upper()}" for field in Limits.model_fields}
    alerts = {f"DSP_ALERT_{field.upper()}" for field in AlertThresholds.model_fields}
    assert sorted(_documented(text)) == sorted(settings | limits | alerts | FOR_DAGSTER)


def test_documented_defaults_are_the_settings_defaults() -> None:
    text = "".join(pages.sections(DOCS / "deployment" / "settings.md").values())
    defaults = {
        f"{prefix}{field.upper()}": info.default
        for prefix, model in (
            ("DSP_", Settings),
            ("DSP_LIMIT_", Limits),
            ("DSP_ALERT_", AlertThresholds),
        )
        for field, info in model.model_fields.items()
    }
    for variable, default, _meaning in pages.rows(text):
        said, real = pages.codes(default), defaults.get(variable.strip("`"))
        if said and real is not None:
            assert said == [f"{real:g}" if isinstance(real, float) else str(real)], variable


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("Fields", sidecar.Sidecar),
        ("`types`", sidecar.ColumnType),
        ("`reading`", sidecar.ReadingOptions),
        ("`rules`", rules.Rule),
        ("`dashboard`", sidecar.DashboardOptions),
        ("`predictions`", sidecar.PredictionOptions),
    ],
)
def test_every_field_of_the_sidecar_is_documented(heading: str, model: type[pydantic.BaseModel]) -> None:
    text = pages.sections(DOCS / "user-guide" / "sidecar.md")[heading]
    assert sorted(_documented(text)) == sorted(model.model_fields)


def test_the_sidecars_on_the_pages_are_valid() -> None:
    found = 0
    for page in (pages.ROOT / "README.md", DOCS / "user-guide" / "sidecar.md"):
        for text in re.findall(
            r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        ):
            sidecar.parse_sidecar(text, where=pages.name_of(page))
            found += 1
    assert found == 3


def test_the_front_page_shows_the_example_sidecar_as_it_is() -> None:
    said = (DOCS / "examples" / "sales.dsp.yaml").read_text(encoding="utf-8").splitlines()
    shown = (pages.ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in said if line not in shown] == ["row_noun: orders"]


def _commands() -> Iterator[tuple[str, click.Command]]:
    assert isinstance(main, click.Group)
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield name, command


def test_every_command_and_option_is_documented() -> None:
    documented = {
        re.findall(r"dsp ([a-z]+)", heading)[0]: set(_documented(text))
        for heading, text in pages.sections(DOCS / "user-guide" / "command.md").items()
        if heading.startswith("`dsp ")
    }
    real = {
        name: {
            spelling
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden
            for spelling in (*option.opts, *option.secondary_opts)
        }
        - ON_EVERY_COMMAND
        for name, command in _commands()
    }
    assert documented == real


def test_what_can_be_stopped_after_is_documented() -> None:
    text = pages.sections(DOCS / "user-guide" / "command.md")["`dsp run FILE...`"]
    (meaning,) = [row[1] for row in pages.rows(text) if row[0] == "`--to`"]
    assert pages.codes(meaning) == list(ARTIFACTS)


def test_the_exit_codes_are_documented() -> None:
    text = pages.sections(DOCS / "user-guide" / "command.md")["Exit codes"]
    assert pages.rows(text) == [[str(code), meaning] for code, meaning in MEANINGS]


def test_every_file_of_every_asset_is_documented() -> None:
    table = pages.rows(pages.sections(DOCS / "api-reference" / "README.md")["Files and their fields"])
    documented = {pages.codes(asset)[0]: set(pages.codes(files)) for asset, files in table}
    real = {
        asset: {part.file.replace("model/", "model") for part in artifact.parts if part.owner is None}
        | set(artifact.extras)
        for asset, artifact in ARTIFACTS.items()
    }
    real["model"] = real["model"] - {"model"} | {"model/"}
    assert documented == real


@pytest.mark.parametrize("name", [name for name in schemas.PUBLISHED if name != "catalogue"])
def test_every_field_of_every_report_is_documented(name: str) -> None:
    asset = {"reading": "raw_dataset", "validation": "validated_table", "summary": "dashboard"}.get(name, name)
    text = pages.sections(DOCS / "api-reference" / "README.md")[f"`{asset}`"]
    fields = {info.alias or field for field, info in schemas.PUBLISHED[name].model_fields.items()}
    assert set(_documented(text)) == fields


def test_the_launchpads_fields_are_documented() -> None:
    table = pages.rows("".join(pages.sections(DOCS / "user-guide" / "dagster.md").values()))
    documented = {
        pages.codes(asset)[0]: pages.codes(config)
        for asset, config in table
        if "`: which" in config or asset != ""
    }
    for asset, config in (
        ("raw_dataset", RawDatasetConfig),
        ("validated_table", ValidatedTableConfig),
        ("model", ModelConfig),
        ("dashboard", DashboardConfig),
        ("predictions", PredictionsConfig),
    ):
        assert set(documented[asset]) == set(config.model_fields), asset


def test_the_sensors_and_schedules_are_documented() -> None:
    from dsp_pipeline.definitions import definitions  # noqa: PLC0415 - two seconds, for one test

    text = "".join(pages.sections(DOCS / "user-guide" / "dagster.md").values())
    names = {automation.name for automation in [*(definitions.sensors or []), *(definitions.schedules or [])]}
    assert names <= set(_documented(text))


def test_keys_belong_to_the_datasets_that_the_page_says() -> None:
    table = pages.rows(pages.sections(DOCS / "user-guide" / "dropping.md")["Which dataset it belongs to"])
    for key, dataset in table:
        assert dataset_of(key.strip("`")) == pages.codes(dataset)[0]


def _messages() -> list[str]:
    """Every text in the code, with a NUL for each value that is put into it."""
    texts = []
    for file in (pages.ROOT / "dsp_pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(_text_of(part) for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return texts


def _text_of(part: Any) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "\0"


def test_the_symptoms_on_the_troubleshooting_page_are_what_the_code_says() -> None:
    messages = "\n".join(_messages()).lower()
    text = "".join(pages.sections(DOCS / "troubleshooting" / "README.md").values())
    quoted = [code for row in pages.rows(text) for code in pages.codes(row[0]) if " " in code]
    assert len(quoted) > 20
    assert [symptom for symptom in quoted if symptom.lower() not in messages] == []


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((pages.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    direct = {Requirement(line).name.lower() for line in [*project["dependencies"], *extras]} - {
        "dsp-pipeline",
        "dsp_pipeline",
    }
    text = "".join(pages.sections(DOCS / "decisions" / "0007-direct-dependencies.md").values())
    explained = {name.strip().lower() for row in pages.rows(text) for name in row[0].split(",")}
    assert direct - NAMED_BY_THE_ISSUE <= explained
    assert explained <= direct


def test_every_alert_is_documented_with_its_severity() -> None:
    section = pages.sections(DOCS / "user-guide" / "profile.md")["Alerts"]
    documented: dict[str, str] = {}
    for codes, _raised_when, severities in pages.rows(section):
        said = [severity.strip() for severity in severities.split(";")]
        names = pages.codes(codes)
        documented |= zip(names, said if len(said) > 1 else said * len(names), strict=True)
    assert documented == {code: kind.severity for code, kind in CODES.items()}
