"""A version's personal values, looked for in everything that is shown of it."""

from __future__ import annotations

import base64
import re
import zlib
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsp_pipeline.core.artifacts.summary import BuiltFrom
from dsp_pipeline.dashboard.generator import build
from dsp_pipeline.defs import metadata
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.insights.explainer import explain
from dsp_pipeline.ml.insights.generator import generate
from dsp_pipeline.ml.privacy.columns import hidden_columns
from dsp_pipeline.ml.privacy.publication import Publication
from dsp_pipeline.ml.statistics.profile import build_profile
from dsp_pipeline_tests.dashboard.elements import Elements
from dsp_pipeline_tests.etl.drops import Dropper

if TYPE_CHECKING:
    from pathlib import Path

    from dsp_pipeline.core.artifacts.profile import Profile

GIVEN = ["Anna", "Peter", "Maria", "John", "Fatima", "Xaver", "Ioana", "Olga"]
FAMILY = ["Meierhans", "O'Neillson", "Garciandia", "Lüdenscheidt", "Vandenberghe"]
STREETS = ["Hohlstrasse", "Birkenallee", "Quellenweg"]
ROWS = 240
_PACKED = re.compile(r"[A-Za-z0-9+/=]{200,}")


def customers() -> tuple[str, list[str]]:
    """A file of customers with rows that break a rule or their type, and all personal values in it."""
    rng = np.random.default_rng(7)
    secrets: list[str] = []
    lines = ["customer;e_mail;mobile;iban;street;card;plan;spend;note;churned;internal"]
    for row in range(ROWS):
        family = FAMILY[row % 5]
        mail = f"kunde{row % 120:03d}@privat{row % 7}.example"
        phone = str(7_911_000_000 + int(rng.integers(1_000_000)))
        if row % 60 == 30:
            phone += "x"
        street = f"{STREETS[row % 3]} {100 + row}b"
        account, card = "DE89370400440532013000", "4111111111111111"
        inside = f"reply{row:03d}@inside.example"
        note = f"nothing to say in case {row}"
        if row % 40 == 5:
            note = f"asked twice, write to {inside}"
            secrets.append(inside)
        spend = "a lot" if row % 60 == 10 else f"{rng.gamma(2, 30) + (row % 2) * 40:.2f}"
        broken = ";one;cell;more" if row % 60 == 20 else ""
        hidden = f"hush{row:03d}"
        person = f"{GIVEN[row % 8]} {family}"
        lines.append(
            f"{person};{mail};{phone};{account};{street};{card};{'basic' if row % 3 else 'pro'};{spend};{note};"
            f"{'yes' if rng.random() < 0.2 + 0.5 * (row % 2) else 'no'};{hidden}{broken}"
        )
        secrets += [person, family, mail, phone, account, street, card, hidden]
    return "\n".join(lines) + "\n", secrets


@pytest.fixture(scope="module", params=["mask", "allow"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, list[str]]:
    """What the sidecar says, all that is shown, and the values to look for."""
    folder: Path = tmp_path_factory.mktemp("drop")
    content, secrets = customers()
    said = f"personal_data: {request.param}\nignore: [internal]\ntarget: churned\n"
    said += "types: {spend: decimal, mobile: integer}\n"
    said += 'rules: [{column: mobile, max: 7911970000, message: "no such number"}, {unique: [e_mail, note]}]'
    raw = Dropper(folder).read(content, sidecar=said)
    validated = Dropper(folder).validate(content, sidecar=said)
    profile = build_profile(validated)
    model = train(validated, profile, options=ModelOptions(target="churned", budget_seconds=2))
    explanations = explain(validated, model, hidden=hidden_columns(profile), seed=0, threads=1)
    insights = generate(validated, profile, model.report, explanations)
    built_from = BuiltFrom(dataset="customers", version="0" * 12, key="customers.csv", run="r", code_version="0")
    page = build(validated, profile, model.report, explanations, insights, built_from=built_from)
    assert model.report.task == "binary"
    assert validated.validation.rows_quarantined >= 8
    parts = [profile, model.report, explanations, insights, page.summary]
    told = [
        *(metadata.of_raw(raw), metadata.of_validated(validated), metadata.of_profile(profile)),
        *(metadata.of_model(model), metadata.of_explanations(explanations), metadata.of_insights(insights)),
        {"contract": metadata.checks_table(metadata.published(validated).checks)},
    ]
    # Markdown masks signs with a backslash; what is read has none.
    in_dagster = unescape(str(told)).replace("\\", "")
    text = "\n".join([_readable(page.html), in_dagster, *(part.model_dump_json() for part in parts)])
    return request.param, text, secrets


def _readable(html: bytes) -> str:
    """A page's text with all that is packed in it."""
    packed = [
        zlib.decompress(base64.b64decode(text)).decode()
        for kind, text in Elements(html).scripts
        if kind.get("id") == "rows-data"
    ]
    assert packed
    told = _PACKED.sub("", html.decode())
    return unescape("\n".join([told, *packed])).replace("\\u0027", "'")


def test_no_personal_value_is_shown_unless_the_owner_allows_it(shown: tuple[str, str, list[str]]) -> None:
    said, text, secrets = shown
    found = {secret for secret in secrets if secret in text}
    if said == "mask":
        assert found == set()
        for meaning in ("person's name", "e-mail address", "phone number", "IBAN", "card number"):
            assert f"[{meaning}]" in text, meaning
    else:
        # Only the ignored column's cells are seen in quarantined rows alone.
        assert len(found) > 0.8 * len({secret for secret in secrets if not secret.startswith("hush")})


def test_groups_of_a_sensitive_column_of_personal_data_are_numbered_in_all_that_is_said(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(3)
    bosses = ["anna.meierhans@firm.example", "peter.huber@firm.example"]
    lines = ["boss;skill;hired"]
    for row in range(600):
        skill = rng.normal() + 2 * (row % 2)
        lines.append(f"{bosses[row % 2]};{skill:.3f};{'yes' if skill + rng.normal() > 1 else 'no'}")
    said = "target: hired\nsensitive: [boss]\n"
    validated = Dropper(tmp_path).validate("\n".join(lines) + "\n", sidecar=said)
    profile = build_profile(validated)
    model = train(validated, profile, options=ModelOptions(target="hired", budget_seconds=1))

    told = explain(validated, model, hidden=hidden_columns(profile))

    assert [group.group for group in told.fairness[0].groups] == ["group 1", "group 2"]
    text = told.model_dump_json()
    assert "apart between group 1 and group 2" in text
    assert not [boss for boss in bosses if boss in text]


def test_masked_columns_are_no_inputs_of_a_model_and_cannot_be_its_target(tmp_path: Path) -> None:
    content, _ = customers()
    validated = Dropper(tmp_path).validate(content, sidecar="max_bad_rows: 10%")
    profile = build_profile(validated)
    report = train(validated, profile, options=ModelOptions(target="customer", budget_seconds=2)).report
    assert report.task is None
    assert "'customer' holds personal data" in report.verdict


def profiled(folder: Path, said: str) -> Profile:
    content, _ = customers()
    return build_profile(Dropper(folder).validate(content, sidecar=f"types: {{mobile: integer}}\n{said}"))


def test_a_masked_column_keeps_its_counts_and_loses_its_values(tmp_path: Path) -> None:
    masked, open_ = profiled(tmp_path, ""), profiled(tmp_path, "personal_data: allow")
    for name in ("customer", "e_mail", "mobile", "iban", "street", "card"):
        one, other = masked.columns[name], open_.columns[name]
        assert (one.count, one.missing, one.distinct) == (other.count, other.missing, other.distinct)
        assert one.meaning is not None
        assert one.meaning.personal
        assert one.is_hidden
        assert not other.is_hidden
        assert [top.count for top in one.top_values] == [top.count for top in other.top_values]
    assert masked.columns["mobile"].histogram is None
    assert open_.columns["mobile"].histogram is not None
    assert masked.columns["spend"] == open_.columns["spend"]


def test_labels_that_mean_the_same_are_not_shown_where_they_are_names(tmp_path: Path) -> None:
    names = (
        ["Anna Meierhans"] * 30 + ["anna  meierhans"] * 3 + ["Peter BÃ¼hlmann"] * 30 + ["Maria Garciandia"] * 40
    )
    lines = "\n".join(f"{name},{row},{row % 3}" for row, name in enumerate(names))
    validated = Dropper(tmp_path).validate(f"customer,amount,shop\n{lines}\n")
    profile = build_profile(validated)
    assert {alert.code for alert in profile.alerts} >= {"dirty_category", "encoding_damage"}
    text = profile.model_dump_json().lower()
    for name in ("meierhans", "hlmann", "garciandia"):
        assert name not in text


def test_an_ignored_column_is_hidden_in_bad_rows_with_spaces_behind_delimiters(tmp_path: Path) -> None:
    data = "n, w, v\n" + "".join(f'{n}, "word {n}", {n}.5\n' for n in range(30)) + '70, "a, b", 1.5\n'
    table = Dropper(tmp_path).validate(data, sidecar="ignore: [v]\nrules: [{column: n, max: 50}]")
    shown = Publication.of_meanings(table.sidecar, {}).quarantine(table.quarantine, table.reading, table.sidecar)
    assert shown["raw"].to_list() == ["70,a, b,[ignored column]"]
