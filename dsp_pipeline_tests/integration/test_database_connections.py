"""How Dagster asks its database: over few connections, and anew if they were cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dagster as dg

pytestmark = pytest.mark.integration


@pytest.fixture
def opened() -> Iterator[list[object]]:
    """The connections that are opened from now on."""
    seen: list[object] = []

    def note(connection: object, _record: object) -> None:
        seen.append(connection)

    sqlalchemy.event.listen(sqlalchemy.Pool, "connect", note)
    yield seen
    sqlalchemy.event.remove(sqlalchemy.Pool, "connect", note)


def asked(instance: dg.DagsterInstance, name: str) -> bool:
    """One question to each of the three storages."""
    instance.get_runs()
    instance.all_instigator_state()
    return instance.has_dynamic_partition("dataset", name)


def test_many_questions_take_few_connections(instance: dg.DagsterInstance, opened: list[object]) -> None:
    instance.add_dynamic_partitions("dataset", ["sales"])

    assert all(asked(instance, "sales") for _ in range(20))
    with type(instance).from_ref(instance.get_ref()) as another:
        assert asked(another, "sales")

    assert len(opened) <= 8, "most of them to look whether there are tables"


def test_a_database_that_cut_its_connections_is_asked_anew(
    instance: dg.DagsterInstance, postgres_url: str, opened: list[object]
) -> None:
    asked(instance, "sales")
    opened.clear()
    engine = sqlalchemy.create_engine(postgres_url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(sqlalchemy.text(f"{others} AND pid <> pg_backend_pid()"))

    assert not asked(instance, "sales")
    assert len(opened) == 2, "the one that cut, and a new one"
