"""What a column means, beyond how it is stored."""

from __future__ import annotations

from enum import StrEnum


class ColumnKind(StrEnum):
    """The role a column plays in an analysis. Later kinds are added, none is renamed."""

    EMPTY = "empty"
    CONSTANT = "constant"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    CONTINUOUS = "continuous"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    CATEGORY = "category"
    TEXT = "text"
    IDENTIFIER = "identifier"

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic on the values makes sense."""
        return self in {ColumnKind.INTEGER, ColumnKind.CONTINUOUS}

    @property
    def is_temporal(self) -> bool:
        """Whether the values are points in time that can be ordered on a calendar."""
        return self in {ColumnKind.DATE, ColumnKind.TIMESTAMP}

    @property
    def is_categorical(self) -> bool:
        """Whether the values are few enough labels to group by."""
        return self in {ColumnKind.BOOLEAN, ColumnKind.CATEGORY}
