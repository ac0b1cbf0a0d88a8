"""What has been decided about a text before its records are read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsp_pipeline.etl.records import Dialect


@dataclasses.dataclass(frozen=True)
class Layout:
    """How cells are set apart, and what a record of the table is.

    Attributes:
        dialect: How cells are set apart.
        names: The columns' names.
        first_data_line: The physical line (0-based) on which the rows begin.
        max_cell_bytes: The largest cell.
        header_line: The header as it is written, without its line end; empty where there is none.
        least_width: How few cells a record may have: the others at its end are missing. None: as many as names.
    """

    dialect: Dialect
    names: Sequence[str]
    first_data_line: int
    max_cell_bytes: int
    header_line: bytes = b""
    least_width: int | None = None

    @property
    def width(self) -> int:
        """How many cells a whole record has."""
        return len(self.names)

    def fits(self, count: int) -> bool:
        """Whether a record may have so many cells."""
        return count == self.width or (self.least_width is not None and self.least_width <= count < self.width)

    @property
    def is_plain(self) -> bool:
        """Whether single bytes tell cells and records apart: no escapes, no comments."""
        dialect = self.dialect
        one_byte = len(dialect.delimiter) == 1 and (dialect.delimiter + (dialect.quote or "")).isascii()
        return one_byte and dialect.escape is None and dialect.comment is None and not dialect.skip_space

    @property
    def delimiter_byte(self) -> int:
        """The delimiter; only where `is_plain`."""
        return ord(self.dialect.delimiter)

    @property
    def quote_byte(self) -> int | None:
        """What quotes, if anything does; only where `is_plain`."""
        return ord(self.dialect.quote) if self.dialect.quote else None
