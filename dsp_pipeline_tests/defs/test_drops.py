"""What a listing of the drop bucket means."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from dsp_pipeline.defs.ingestion.drops import Attempts, Plan, Registry, decide, find_drops, run_key, to_retry
from dsp_pipeline.storage.base import ObjectInfo

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def an_object(key: str, etag: str = "a", minutes: float = 0) -> ObjectInfo:
    return ObjectInfo(key=key, etag=etag, size=10, last_modified=NOON + dt.timedelta(minutes=minutes))


def plan(
    listing: list[ObjectInfo], registry: Registry, *, limit: int, overtaken: frozenset[str] = frozenset()
) -> Plan:
    return decide(*find_drops(listing), registry, limit=limit, overtaken=overtaken)


def after(*listing: ObjectInfo) -> Registry:
    """The registry once everything in the listing was asked for."""
    return plan(list(listing), Registry(), limit=1000).registry


def key_of_run(*listing: ObjectInfo, before: Registry = Registry()) -> str:  # noqa: B008 - frozen
    """The run key of the one drop in the listing."""
    (drop,) = plan(list(listing), before, limit=1).new
    return run_key(drop, before)


def test_a_first_drop_is_new_and_the_second_look_finds_nothing() -> None:
    listing = [an_object("sales.csv")]

    first = plan(listing, Registry(), limit=100)
    second = plan(listing, first.registry, limit=100)

    assert [drop.dataset for drop in first.new] == ["sales"]
    assert second.new == []
    assert second.registry == first.registry


def test_new_content_under_the_same_key_is_new() -> None:
    changed = plan([an_object("sales.csv", "b", minutes=1)], after(an_object("sales.csv", "a")), limit=100)

    assert [(drop.key, drop.etag) for drop in changed.new] == [("sales.csv", "b")]


def test_the_same_content_dropped_again_is_skipped_and_named_once() -> None:
    again = [an_object("sales.csv", "a", minutes=5)]

    first = plan(again, after(an_object("sales.csv", "a")), limit=100)
    second = plan(again, first.registry, limit=100)

    assert first.new == []
    assert [drop.key for drop in first.repeated] == ["sales.csv"]
    assert second.repeated == []


def test_the_same_content_dropped_again_is_new_where_its_result_does_not_stand() -> None:
    again = [an_object("sales.csv", "a", minutes=5)]
    overtaken = frozenset(drop.id for drop in find_drops(again)[0])

    first = plan(again, after(an_object("sales.csv", "a")), limit=100, overtaken=overtaken)
    second = plan(again, first.registry, limit=100, overtaken=overtaken)

    assert [drop.key for drop in first.new] == ["sales.csv"]
    assert first.repeated == []
    assert (second.new, second.repeated) == ([], []), "one run for each time that it is dropped"


def test_content_that_comes_back_or_is_dropped_after_it_was_deleted_is_another_run() -> None:
    """Dagster starts at most one run for a run key, ever."""
    first, other, back = (an_object("sales.csv", etag, minutes=at) for etag, at in (("a", 0), ("b", 5), ("a", 10)))

    keys = [key_of_run(seen) for seen in (first, other, back)]

    assert len(set(keys)) == 3
    assert keys[0] == key_of_run(first), "two looks at one drop are one run"


def test_a_sidecar_put_back_as_it_was_is_another_run() -> None:
    table = an_object("sales.csv")
    sidecars = [an_object("sales.dsp.yaml", etag, minutes=at) for etag, at in (("s", 1), ("t", 2), ("s", 3))]

    keys = [key_of_run(table, sidecar) for sidecar in sidecars]

    assert len(set(keys)) == 3


def test_a_sidecar_that_is_taken_away_is_another_run() -> None:
    table = an_object("sales.csv")

    assert key_of_run(table, before=after(table, an_object("sales.dsp.yaml", "s", minutes=1))) != key_of_run(table)


def test_a_sidecar_that_arrives_later_makes_its_table_new() -> None:
    csv = an_object("sales.csv.gz")

    seen = plan([csv, an_object("sales.dsp.yaml", "s", minutes=3)], after(csv), limit=100)

    assert [drop.sidecar_key for drop in seen.new] == ["sales.dsp.yaml"]


def test_a_multipart_upload_that_began_before_an_earlier_tick_is_found() -> None:
    """Its LastModified is the upload's start, so it appears to be older than what was handled."""
    handled = an_object("new.csv", minutes=10)

    seen = plan([handled, an_object("slow.csv", minutes=-10)], after(handled), limit=100)

    assert [drop.key for drop in seen.new] == ["slow.csv"]


def test_two_drops_of_a_dataset_in_one_second_are_two_runs_in_the_order_of_arrival() -> None:
    listing = [an_object("sales/b.csv", "2", minutes=0.001), an_object("sales/a.csv", "1", minutes=0.002)]

    decided = plan(listing, Registry(), limit=100)

    assert [drop.key for drop in decided.new] == ["sales/b.csv", "sales/a.csv"]
    assert {drop.dataset for drop in decided.new} == {"sales"}


def test_a_thousand_drops_come_a_hundred_at_a_time_and_none_twice() -> None:
    listing = [an_object(f"d{number:04}.csv", minutes=number) for number in range(1000)]
    registry, asked = Registry(), []

    for _ in range(10):
        decided = plan(listing, registry, limit=100)
        asked += [drop.key for drop in decided.new]
        registry = decided.registry

    assert asked == [info.key for info in listing]
    assert plan(listing, registry, limit=100).new == []


def test_a_changed_drop_that_has_to_wait_is_not_forgotten() -> None:
    before = after(an_object("a.csv"), an_object("b.csv"))
    listing = [an_object("a.csv", "2", minutes=1), an_object("b.csv", "2", minutes=2)]

    first = plan(listing, before, limit=1)
    second = plan(listing, first.registry, limit=1)

    assert first.waiting == 1
    assert [drop.key for drop in [*first.new, *second.new]] == ["a.csv", "b.csv"]


def test_a_deleted_drop_leaves_the_registry() -> None:
    decided = plan([], after(an_object("a.csv")), limit=1)

    assert decided.registry == Registry()


def test_what_is_no_table_is_ignored_with_a_reason_and_sidecars_without_one() -> None:
    listing = [
        an_object(key) for key in ("a.xlsx", "a.dsp.yaml", "folder/", "predict/sales/x.csv", ".csv", "b.csv")
    ]

    drops, ignored = find_drops(listing)

    assert [drop.key for drop in drops] == ["b.csv"]
    assert set(ignored) == {"a.xlsx", ".csv"}


@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.sampled_from("abc")), max_size=30))
def test_whatever_the_keys_every_table_is_asked_for_exactly_once(objects: list[tuple[str, str]]) -> None:
    listing = [an_object(f"{name}.csv", etag) for name, etag in dict(objects).items()]
    registry, asked = Registry(), []

    for _ in range(len(listing) + 1):
        decided = plan(listing, registry, limit=7)
        asked += [drop.key for drop in decided.new]
        registry = decided.registry

    tables = [drop.key for drop in find_drops(listing)[0]]
    assert sorted(asked) == sorted(tables)


class TestRetries:
    drops = find_drops([an_object("a.csv"), an_object("b.csv"), an_object("c.csv")])[0]

    def chosen(self, **overrides: object) -> list[tuple[str, int]]:
        state: dict[str, object] = {
            "good": frozenset(),
            "failed": {},
            "active": frozenset(),
            "seen_before": NOON + dt.timedelta(hours=1),
            "max_attempts": 3,
        }
        retried = to_retry(self.drops, **(state | overrides))  # type: ignore[arg-type]
        return [(drop.key, attempt) for drop, attempt in retried]

    def test_a_drop_without_any_outcome_is_run(self) -> None:
        assert self.chosen() == [("a.csv", 1), ("b.csv", 1), ("c.csv", 1)]

    def test_good_and_running_drops_are_left_alone(self) -> None:
        good, active, _ = (drop.id for drop in self.drops)

        assert self.chosen(good=frozenset({good}), active=frozenset({active})) == [("c.csv", 1)]

    def test_a_failure_that_may_pass_is_tried_again_until_the_limit(self) -> None:
        first, second, third = (drop.id for drop in self.drops)
        failed = {first: Attempts(1, retryable=True), second: Attempts(3, retryable=True)}

        assert self.chosen(failed=failed, good=frozenset({third})) == [("a.csv", 2)]

    def test_bad_data_is_not_tried_again(self) -> None:
        failed = {drop.id: Attempts(1, retryable=False) for drop in self.drops}

        assert self.chosen(failed=failed) == []

    def test_what_failed_and_was_dropped_again_has_all_its_attempts_before_it(self) -> None:
        failed = {
            drop.id: Attempts(3, retryable=False, dropped_at=NOON - dt.timedelta(days=1)) for drop in self.drops
        }

        assert self.chosen(failed=failed) == [("a.csv", 1), ("b.csv", 1), ("c.csv", 1)]

    def test_what_was_good_and_failed_since_is_tried_again(self) -> None:
        first, second, third = (drop.id for drop in self.drops)
        failed = {first: Attempts(1, retryable=True, dropped_at=NOON)}

        assert self.chosen(good=frozenset({first, second, third}), failed=failed) == [("a.csv", 2)]

    def test_a_drop_that_has_just_arrived_is_the_sensors(self) -> None:
        assert self.chosen(seen_before=NOON - dt.timedelta(minutes=1)) == []
