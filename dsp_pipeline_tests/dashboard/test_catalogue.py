import datetime as dt
import re

import pytest

from dsp_pipeline.core.artifacts.summary import BuiltFrom, Catalogue, CatalogueEntry, Failure, Published, Summary
from dsp_pipeline.core.numbers import plain
from dsp_pipeline.dashboard.catalogue import Links, render_catalogue, view
from dsp_pipeline_tests.dashboard import hostile
from dsp_pipeline_tests.dashboard.elements import Elements
from dsp_pipeline_tests.faults import failure

START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def published(
    dataset: str, *, number: int = 0, rows: int = 100, score: float | None = 0.5, **more: object
) -> Published:
    values: dict[str, object] = {
        "bytes": 1,
        "rows_embedded": rows,
        "built_from": BuiltFrom(
            dataset=dataset, version=f"{number:012x}", key=f"{dataset}.csv", run="r", code_version="1"
        ),
        "title": dataset.title(),
        "rows": rows,
        "columns": 3,
        "rows_quarantined": number,
        "quality_score": 0.97,
        "target": "churned" if score is not None else None,
        "metric": "log_loss" if score is not None else None,
        "score": score,
        "verdict": "better than guessing",
        "key_insight": f"Something about {dataset}.",
        "alerts": 0,
    }
    summary = Summary.model_validate(values | more)
    return Published(summary=summary, at=START + dt.timedelta(days=number), dropped_at=None)


def entry(dataset: str, versions: int = 1, *, failed: Failure | None = None) -> CatalogueEntry:
    history = [published(dataset, number=number, rows=100 + number) for number in range(versions)]
    return CatalogueEntry(
        dataset=dataset, latest=history[-1] if history else None, history=history, failure=failed
    )


def test_a_failed_drop_stands_beside_the_last_good_dashboard_with_its_remedy() -> None:
    page = render_catalogue(Catalogue(entries={"sales": entry("sales", 2, failed=failure())})).decode()
    assert 'href="sales/index.html"' in page
    assert "line 12 has 3 cells where 4 belong" in page
    assert "Mend the line." in page
    assert "sales.csv, line 12" in page
    assert "failed since" in page


def test_a_dataset_that_never_worked_has_no_link() -> None:
    item = view(Catalogue(entries={"sales": entry("sales", 0, failed=failure())}), Links()).items[0]
    assert (item.link, item.status, item.title) == ("", "failed", "sales")
    assert item.trends == ()


def test_versions_draw_lines_and_earlier_ones_are_linked_newest_first() -> None:
    item = view(Catalogue(entries={"sales": entry("sales", 3)}), Links()).items[0]
    assert "from 100 to 102" in item.trends[0].svg
    assert [link for _, link in item.versions] == [
        "sales/000000000001/index.html",
        "sales/000000000000/index.html",
    ]
    assert item.trends[2].note == "log loss, churned"


def test_one_version_has_no_line() -> None:
    item = view(Catalogue(entries={"sales": entry("sales")}), Links()).items[0]
    assert {trend.svg for trend in item.trends} == {""}


def test_only_the_last_twenty_versions_are_drawn() -> None:
    item = view(Catalogue(entries={"sales": entry("sales", 50)}), Links()).items[0]
    assert "over 20 versions" in item.trends[0].svg
    assert len(item.versions) == 19


def test_scores_of_another_metric_are_not_joined_by_a_line() -> None:
    old = published("sales", number=0, metric="rmse", score=41.0)
    new = [published("sales", number=number, score=0.5 + number) for number in (1, 2)]
    held = CatalogueEntry(dataset="sales", latest=new[-1], history=[old, *new])
    item = view(Catalogue(entries={"sales": held}), Links()).items[0]
    assert "over 2 versions: from 1.5 to 2.5" in plain(item.trends[2].svg)


def test_the_newest_change_comes_first() -> None:
    entries = {"a": entry("a", 1), "b": entry("b", 5), "c": entry("c", 1, failed=failure())}
    assert [item.dataset for item in view(Catalogue(entries=entries), Links()).items] == ["c", "b", "a"]


def test_the_tiles_sum_up_all_datasets() -> None:
    tiles = view(Catalogue(entries={"a": entry("a"), "b": entry("b", failed=failure())}), Links()).tiles
    assert [tile.value for tile in tiles] == ["2", "200", "97%", "1"]


def test_an_empty_catalogue_says_how_to_begin() -> None:
    page = render_catalogue(Catalogue()).decode()
    assert "Nothing here yet" in page
    assert "dsp drop" in page


def test_a_dataset_without_a_model_says_so() -> None:
    held = CatalogueEntry(dataset="a", latest=published("a", score=None))
    assert view(Catalogue(entries={"a": held}), Links()).items[0].trends[2].value == "none"


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://dagster/runs/run-1", "https://dagster/runs/run-1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
    ],
)
def test_a_run_is_linked_only_over_the_web(address: str, link: str) -> None:
    links = Links(run=lambda _: address)
    trouble = view(Catalogue(entries={"a": entry("a", failed=failure())}), links).items[0].trouble
    assert trouble is not None
    assert trouble.run_link == link


def test_hostile_text_stays_text() -> None:
    entries = {}
    for place, payload in enumerate(hostile.ALL):
        said = published(f"d{place}", title=payload, key_insight=payload, target=payload)
        failed = failure(key=payload, what=payload, where=payload, remedy=payload)
        entries[f"d{place}"] = CatalogueEntry(dataset=f"d{place}", latest=said, failure=failed)
    page = render_catalogue(Catalogue(entries=entries)).decode()
    body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert page.count("<script>") == 4
    assert "<img" not in body
    assert not [
        name for _, attributes in Elements(page.encode()).tags for name in attributes if name.startswith("on")
    ]
    assert "\u202e" not in page


def test_three_thousand_datasets_make_a_page_below_a_megabyte_and_the_same_bytes_each_time() -> None:
    catalogue = Catalogue(entries={f"d{place}": entry(f"d{place}", 3) for place in range(3_000)})
    page = render_catalogue(catalogue)
    assert len(page) < 1_000_000
    assert page == render_catalogue(catalogue)
