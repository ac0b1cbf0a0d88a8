"""Rows to predict come back as they were, in their order, whatever is wrong with some of them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp_pipeline.core.errors import DspError, PredictionError, ReadingError, SidecarError
from dsp_pipeline.core.sidecar import parse_sidecar
from dsp_pipeline.ml.automl.options import ModelOptions
from dsp_pipeline.ml.automl.predictor import Predictor
from dsp_pipeline.ml.automl.trainer import train
from dsp_pipeline.ml.prediction import reasons
from dsp_pipeline_tests.ml.automl.tables import profile, sampler, validated
from dsp_pipeline_tests.ml.prediction.rents import PER_SQUARE_METRE, flats, predicted

if TYPE_CHECKING:
    from pathlib import Path

ADDED = ["prediction", "lower", "upper", *reasons.COLUMNS, "prediction_note"]
PREDICTION, REASON, NOTE = (
    ADDED.index(name) - len(ADDED) for name in ("prediction", "reason_1", "prediction_note")
)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    source = validated(flats(400, 1))
    return Predictor.load(train(source, profile(source), options=ModelOptions(target="rent")).files)


@pytest.fixture(scope="module")
def new() -> pl.DataFrame:
    return flats(40, 2).drop("rent")


def written(table: pl.DataFrame) -> str:
    """As the product itself writes tables: the way the model's table was written."""
    return table.write_csv()


def figures(rows: list[list[str]]) -> list[float]:
    return [float(row[PREDICTION]) for row in rows[1:]]


def test_rows_come_back_with_a_prediction_its_range_and_its_reasons(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text(written(new))

    rows, report = predicted(tmp_path / "new.csv", predictor)

    assert rows[0] == [*new.columns, *ADDED]
    assert [row[: new.width] for row in rows] == list(csv.reader(io.StringIO(written(new))))
    assert figures(rows) == pytest.approx(predictor.predict(new)["prediction"].to_list(), rel=1e-6)
    assert (report.rows, report.rows_predicted, report.rows_unread) == (40, 40, 0)
    assert report.columns == ADDED
    assert report.reasons == "rent"
    assert report.remarks() == []


def test_the_first_reason_of_a_linear_truth_is_its_slope_times_the_distance_from_the_mean(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    """Linear SHAP of y = 9 x: 9 (x - mean of x), see Lundberg and Lee 2017, corollary 1."""
    (tmp_path / "new.csv").write_text(written(new))

    rows, _ = predicted(tmp_path / "new.csv", predictor)

    mean = flats(400, 1)["area"].mean()
    assert isinstance(mean, float)
    far = [row for row in rows[1:] if abs(float(row[0]) - mean) > 35]
    assert len(far) > 5
    for row in far:
        told, _, figure = row[REASON].rpartition(" (")
        assert told == f"area = {row[0]}"
        assert float(figure.rstrip(")")) == pytest.approx(
            PER_SQUARE_METRE * (float(row[0]) - mean), rel=0.2, abs=25
        )


def test_many_rows_in_batches_are_predicted_as_the_whole_table_is(predictor: Predictor, tmp_path: Path) -> None:
    many = flats(70_000, 3).drop("rent")
    many.write_csv(tmp_path / "many.csv")

    rows, report = predicted(tmp_path / "many.csv", predictor, with_reasons=False)

    assert report.rows_predicted == 70_000
    whole = predictor.predict(many)["prediction"].to_list()
    assert [float(row[many.width]) for row in rows[1:]] == pytest.approx(whole, rel=1e-6)
    assert rows[0][-1] == "prediction_note"
    assert "reason_1" not in rows[0]


def test_rows_are_the_same_however_many_are_predicted_at_a_time(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = written(flats(60, 6).drop("rent")).splitlines()
    lines[20:20] = ["1,2,3,4,5,6", "7"]
    lines[40] = "NA," + lines[40].split(",", 1)[1]
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")

    alone, told = predicted(tmp_path / "new.csv", predictor, threads=1)
    monkeypatch.setattr("dsp_pipeline.ml.prediction.engine._PIECE_ROWS", 7)
    together, also_told = predicted(tmp_path / "new.csv", predictor, threads=3)

    assert together == alone
    assert also_told == told


def test_a_late_cell_that_cannot_be_read_loses_and_repeats_no_row(predictor: Predictor, tmp_path: Path) -> None:
    lines = written(flats(40_000, 7).drop("rent")).splitlines()
    lines[-1] = "call Ms Smith," + lines[-1].split(",", 1)[1]
    (tmp_path / "late.csv").write_text("\n".join(lines) + "\n")

    rows, report = predicted(tmp_path / "late.csv", predictor, with_reasons=False)

    assert [",".join(row[:4]) for row in rows] == lines
    assert report.rows_predicted == 40_000
    assert [row[NOTE] for row in rows[-2:]] == ["", "area cannot be read as numbers: counts as missing"]


def test_line_breaks_within_cells_are_no_rows_that_reasons_would_be_too_costly_for(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "AUTO_SECONDS", 50 * predictor.artifact.scorer.explain_seconds)
    (tmp_path / "new.csv").write_text(written(new.with_columns(pl.lit("two\nlines").alias("note"))))

    rows, report = predicted(tmp_path / "new.csv", predictor)

    assert report.reasons == "rent"
    assert all(row[REASON] for row in rows[1:])


MANGLED = ["", "Nord", "1,2,3,4,5,6", 'Nord,"open', "Summe: 12", "\x00\x01", "a;b;c", ",,,,,"]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(MANGLED[1:-3])), max_size=5))
def test_every_row_stays_in_its_place_however_mangled_others_are(
    predictor: Predictor, tmp_path_factory: pytest.TempPathFactory, inserted: list[tuple[int, str]]
) -> None:
    lines = written(flats(12, 4).drop("rent")).splitlines()
    good = set(lines[1:])
    for place, text in inserted:
        lines.insert(1 + min(place, len(lines) - 1), text)
    # An open quote swallows what follows up to the end: as a last line it swallows nothing.
    lines = [line for line in lines if '"' not in line] + [line for line in lines if '"' in line]
    path = tmp_path_factory.mktemp("mangled") / "rows.csv"
    path.write_text("\n".join(lines) + "\n")

    rows, report = predicted(path, predictor)

    assert report.rows == len(rows) - 1 == len(lines) - 1
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if line in good:
            assert ",".join(row[:4]) == line
            assert float(row[PREDICTION]) > 0
        else:
            assert row[PREDICTION] == ""
            assert row[NOTE].startswith("not predicted: ")
    assert report.rows_unread == len(inserted)


OTHER_WAYS = {
    "decimal commas": lambda table: table.with_columns(
        pl.col("area").cast(pl.String).str.replace(".", ",", literal=True)
    ).write_csv(separator=";"),
    "the day first": lambda table: table.with_columns(pl.col("since").dt.strftime("%d.%m.%Y")).write_csv(),
    "yes and no": lambda table: table.with_columns(
        pl.when("balcony").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("balcony")
    ).write_csv(),
    "one and zero": lambda table: table.with_columns(pl.col("balcony").cast(pl.Int8)).write_csv(),
    "points in time": lambda table: table.with_columns(pl.col("since").cast(pl.Datetime)).write_csv(),
    "another order, and more": lambda table: table.select(
        pl.lit("a;b").alias("note"), *reversed(table.columns)
    ).write_csv(separator="\t"),
}


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_rows_that_another_program_wrote_are_predicted_alike(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path, way: str
) -> None:
    (tmp_path / "other.csv").write_text(OTHER_WAYS[way](new))

    rows, report = predicted(tmp_path / "other.csv", predictor, with_reasons=False)

    if way == "another order, and more":
        assert report.extra == ["note"]
    else:
        (said,) = report.retyped
        assert said.unread == 0
        assert "as this file writes it" in said.text
    place = rows[0].index("prediction")
    assert [float(row[place]) for row in rows[1:]] == pytest.approx(
        predictor.predict(new)["prediction"].to_list(), rel=1e-6
    )


def test_a_cell_that_cannot_be_read_counts_as_missing_and_the_report_says_where_but_not_what(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    lines = written(new).splitlines()
    lines[3] = "call Ms Smith," + lines[3].split(",", 1)[1]
    (tmp_path / "odd.csv").write_text("\n".join(lines) + "\n")

    rows, report = predicted(tmp_path / "odd.csv", predictor)

    assert rows[3][0] == "call Ms Smith"
    assert rows[3][NOTE] == "area cannot be read as numbers: counts as missing"
    assert float(rows[3][PREDICTION]) > 0
    (said,) = report.retyped
    assert (said.unread, said.lines) == (1, [4])
    assert "Smith" not in report.model_dump_json()


def test_words_for_missing_values_that_the_model_never_met_are_missing_values(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    lines = written(new).splitlines()
    lines[3] = "NA," + lines[3].split(",", 1)[1]
    (tmp_path / "gaps.csv").write_text("\n".join(lines) + "\n")

    rows, report = predicted(tmp_path / "gaps.csv", predictor)

    assert rows[3][NOTE] == ""
    assert sum(each.unread for each in report.retyped) == 0


def test_labels_that_the_model_never_saw_are_counted(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text(written(new.with_columns(pl.lit("Atlantis").alias("district"))))

    rows, report = predicted(tmp_path / "new.csv", predictor)

    assert report.new_labels == {"district": 40}
    assert all(float(row[PREDICTION]) > 0 for row in rows[1:])
    assert "never saw" in report.remarks()[0]


def test_missing_columns_are_named_with_those_that_look_like_them(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "renamed.csv").write_text(written(new.rename({"area": "AREA", "balcony": "garden"})))

    with pytest.raises(PredictionError, match=r"2 columns that the table lacks: 'area', 'balcony'") as caught:
        predicted(tmp_path / "renamed.csv", predictor)

    assert "Rename 'AREA' to 'area', and add the others" in caught.value.remedy
    assert caught.value.where == "renamed.csv, header"


def test_rows_without_a_header_are_told_to_get_one(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "bare.csv").write_text(new.write_csv(include_header=False))

    with pytest.raises(PredictionError, match="4 columns") as caught:
        predicted(tmp_path / "bare.csv", predictor)

    assert "header of the analysed file" in caught.value.remedy


def test_a_file_without_rows_is_refused(predictor: Predictor, new: pl.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text(written(new.head(0)))

    with pytest.raises(ReadingError, match="no rows"):
        predicted(tmp_path / "none.csv", predictor)


def test_reasons_that_would_take_too_long_have_to_be_asked_for(predictor: Predictor) -> None:
    scorer = predictor.artifact.scorer
    most = int(reasons.AUTO_SECONDS / scorer.explain_seconds)

    assert reasons.are_affordable(scorer, most)
    assert not reasons.are_affordable(scorer, most + 2)


def test_what_the_sidecar_says_of_types_wins_over_how_the_model_s_table_was_written(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    whole = new.with_columns(pl.col("area").floor())
    grouped = whole.with_columns(pl.col("area").cast(pl.Int64).cast(pl.String) + ".000")
    (tmp_path / "grouped.csv").write_text(grouped.write_csv(separator=";"))
    (tmp_path / "plain.csv").write_text(written(whole.with_columns(pl.col("area") * 1_000)))

    said = parse_sidecar("types: {area: {decimal: ','}}", where="grouped.dsp.yaml")
    rows, report = predicted(tmp_path / "grouped.csv", predictor, with_reasons=False, sidecar=said)
    plain, _ = predicted(tmp_path / "plain.csv", predictor, with_reasons=False)

    assert [row[4] for row in rows] == [row[4] for row in plain]
    (told,) = report.retyped
    assert (told.column, told.unread) == ("area", 0)
    assert told.text.endswith("as the sidecar says")


def test_the_order_of_days_and_months_is_the_one_that_the_sidecar_says(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    early = new.with_columns(
        pl.date(2020, pl.int_range(1, 41) % 12 + 1, pl.int_range(1, 41) % 11 + 1).alias("since")
    )
    (tmp_path / "plain.csv").write_text(written(early))
    plain, _ = predicted(tmp_path / "plain.csv", predictor, with_reasons=False)
    for form in ("%m/%d/%Y", "%d/%m/%Y"):
        (tmp_path / "days.csv").write_text(written(early.with_columns(pl.col("since").dt.strftime(form))))
        said = parse_sidecar(f"types: {{since: {{type: date, format: '{form}'}}}}", where="days.dsp.yaml")
        rows, _ = predicted(tmp_path / "days.csv", predictor, with_reasons=False, sidecar=said)
        assert [row[4] for row in rows] == [row[4] for row in plain]


def test_the_sidecar_of_the_model_s_table_may_lie_beside_rows_without_a_target(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text(written(new))
    said = "target: rent\ntypes: {rent: decimal, district: text}\nrules: [{column: rent, min: 0}]"
    sidecar = parse_sidecar(said, where="new.dsp.yaml")

    rows, report = predicted(tmp_path / "new.csv", predictor, with_reasons=False, sidecar=sidecar)

    assert figures_at(rows) == pytest.approx(predictor.predict(new)["prediction"].to_list(), rel=1e-6)
    assert report.retyped == []


@pytest.mark.parametrize(
    ("types", "error", "what"),
    [
        ("{aera: {decimal: ','}}", SidecarError, "'types' names the column 'aera'.*the nearest is 'area'"),
        ("{since: text}", PredictionError, "'types' says that 'since' is text, and the model learnt from dates"),
    ],
)
def test_types_that_do_not_fit_the_rows_or_the_model_are_refused(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path, *, types: str, error: type[DspError], what: str
) -> None:
    (tmp_path / "new.csv").write_text(written(new))
    with pytest.raises(error, match=what):
        predicted(tmp_path / "new.csv", predictor, sidecar=parse_sidecar(f"types: {types}", where="new.dsp.yaml"))


@pytest.mark.parametrize("said", ["", "types: {balcony: boolean}"])
@pytest.mark.parametrize(("word", "is_true"), [("yes", True), ("Ja", True), ("1", True), ("non", False)])
def test_true_and_false_in_other_words_are_known_where_all_rows_have_the_same(
    predictor: Predictor, new: pl.DataFrame, tmp_path: Path, *, said: str, word: str, is_true: bool
) -> None:
    (tmp_path / "new.csv").write_text(written(new.with_columns(pl.lit(word).alias("balcony"))))
    sidecar = parse_sidecar(said, where="new.dsp.yaml")

    rows, report = predicted(tmp_path / "new.csv", predictor, with_reasons=False, sidecar=sidecar)

    meant = predictor.predict(new.with_columns(pl.lit(value=is_true).alias("balcony")))
    assert figures_at(rows) == pytest.approx(meant["prediction"].to_list(), rel=1e-6)
    assert [each.unread for each in report.retyped] == [0]
    assert {row[NOTE] for row in rows[1:]} == {""}


def figures_at(rows: list[list[str]]) -> list[float]:
    place = rows[0].index("prediction")
    return [float(row[place]) for row in rows[1:]]


def test_columns_of_one_name_are_told_apart_in_the_rows_too(tmp_path: Path) -> None:
    rng = sampler(5)
    table = pl.DataFrame({"a": rng.normal(size=300), "a_2": rng.normal(size=300)})
    table = table.with_columns((pl.col("a") + pl.col("a_2")).alias("y") + rng.normal(size=300))
    source = validated(table)
    predictor = Predictor.load(train(source, profile(source), options=ModelOptions(target="y")).files)
    (tmp_path / "new.csv").write_text("a,a\n" + table.drop("y").write_csv(include_header=False))

    rows, _ = predicted(tmp_path / "new.csv", predictor, with_reasons=True)

    assert rows[0][:2] == ["a", "a"]
    told = [{row[place].split(" (")[0] for place in (REASON, REASON + 1)} for row in rows[1:]]
    assert told == [{f"a = {row[0]}", f"a = {row[1]}"} for row in rows[1:]]
