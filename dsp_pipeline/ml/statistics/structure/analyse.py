"""From a table and what its columns are to how it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.core.artifacts.structure import Structure
from dsp_pipeline.core.kinds import ColumnKind
from dsp_pipeline.ml.statistics.structure.dependencies import dependencies
from dsp_pipeline.ml.statistics.structure.duplicates import near_duplicates
from dsp_pipeline.ml.statistics.structure.keys import candidate_keys
from dsp_pipeline.ml.statistics.structure.missing import missing_at_random, missing_dependences
from dsp_pipeline.ml.statistics.structure.one_to_one import one_to_one
from dsp_pipeline.ml.statistics.structure.panel import panel, sorted_by
from dsp_pipeline.ml.statistics.structure.redundancy import redundant_groups
from dsp_pipeline.ml.statistics.structure.spellings import spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.core.artifacts.profile import ColumnProfile
    from dsp_pipeline.ml.statistics.arrays import Column
    from dsp_pipeline.ml.statistics.associations import Associations
    from dsp_pipeline.ml.statistics.structure.roles import Roles

_MOST_EXPLAINING = 100
_UNCOMPARED = {ColumnKind.EMPTY, ColumnKind.CONSTANT, ColumnKind.TEXT, ColumnKind.IDENTIFIER}


def structure_of(
    table: pl.DataFrame,
    columns: Sequence[Column],
    profiles: dict[str, ColumnProfile],
    associations: Associations,
    *,
    roles: Roles,
    least_share: float,
    seed: int,
) -> Structure:
    """How the table is built; each part is None or empty where there is nothing to say.

    Args:
        table: The table.
        columns: Its columns.
        profiles: Their profiles.
        associations: What was measured between them.
        roles: What some columns are for.
        least_share: The least share of rows in which an approximate dependency holds.
        seed: Of all samples.
    """
    table = table.with_columns(pl.selectors.float().fill_nan(None))
    keys = candidate_keys(table, columns, profiles, seed=seed)
    together = one_to_one(table, profiles, seed=seed)
    repeated = {name for group in together for name in group[1:]}
    names = [name for name in table.columns if name not in repeated]
    found = dependencies(table, profiles, names, least_share=least_share, seed=seed)
    redundant = redundant_groups(
        table,
        columns,
        profiles,
        together=together,
        pairs=associations.pairs,
        left_out=associations.left_out,
        seed=seed,
    )
    explaining = [column for column in columns if column.kind not in _UNCOMPARED]
    explaining.sort(key=lambda column: column.name != roles.target)
    return Structure(
        keys=keys,
        dependencies=found.found,
        redundant=redundant,
        near_duplicates=near_duplicates(table, profiles, seed=seed),
        spellings=spellings(columns),
        sorted_by=sorted_by(profiles),
        panel=panel(table, profiles, keys, time=roles.time, entity=roles.entity),
        missing_dependence=missing_dependences(
            columns, explaining[:_MOST_EXPLAINING], target=roles.target, seed=seed
        ),
        missing_at_random=missing_at_random(
            columns, without={name for group in redundant for name in group.columns[1:]}, seed=seed
        ),
        searched=found.searched,
    )
