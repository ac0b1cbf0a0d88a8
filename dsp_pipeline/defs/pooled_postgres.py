"""Dagster's storage in PostgreSQL over connections that are kept; dagster.yaml names it.

`dagster_postgres` opens a connection for each question and closes it again: 570 in a run of seven assets, each of
which PostgreSQL starts a process for and checks a password.
"""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config

if TYPE_CHECKING:
    from dagster_postgres.auth import PgTokenProvider

_KEPT = 2
_MORE = 20
_SECONDS_KEPT = 600


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and ticks in PostgreSQL, asked by each process over connections that stay open.

    Configured by ``postgres_url`` as ``storage: postgres`` is, which is for those who sign in by other means.
    A connection is tried before it is used, so that a database that was restarted is asked anew.
    """

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,  # noqa: FBT001, FBT002 - as the class that it extends
        inst_data: ConfigurableClassData | None = None,
        token_provider: "PgTokenProvider | None" = None,
    ) -> None:
        super().__init__(postgres_url, should_autocreate_tables, inst_data, token_provider)
        if token_provider is None:
            for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
                storage._engine = _engine(postgres_url)  # noqa: SLF001 - nothing else says which pool to use

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """The storage that dagster.yaml describes."""
        return cls(
            pg_url_from_config(config_value),
            config_value.get("should_autocreate_tables", True),
            inst_data=inst_data,
        )


@functools.lru_cache(maxsize=4)
def _engine(url: str) -> sqlalchemy.Engine:
    """One for a process: Dagster makes an instance for each tick, and each would keep connections of its own."""
    return sqlalchemy.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_recycle=_SECONDS_KEPT,
        pool_pre_ping=True,
    )
