"""What may be shown of a version: the one place through which values pass on their way to people.

Columns that hold personal data are shown as what they are in brackets, ``[e-mail address]``; texts are searched
for it wherever they appear. The lake keeps what came in: `table.parquet`, the quarantine and the reading and
validation reports are the owner's working papers, and quarantined rows can only be mended from their text.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import polars as pl

from dsp_pipeline.etl.quarantine import QUARANTINE_SCHEMA
from dsp_pipeline.etl.records import Dialect, lenient_cells
from dsp_pipeline.ml.privacy.patterns import SUSPICION, placeholder, scrubbed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp_pipeline.core.artifacts.profile import Meaning, Profile
    from dsp_pipeline.core.artifacts.reading import Reading
    from dsp_pipeline.core.artifacts.validation import CheckResult, Validation
    from dsp_pipeline.core.sidecar import Sidecar

_NOT_SHOWN = "[not shown: its cells cannot be told apart, and the table holds personal data; see quarantine.csv]"
_HIDDEN_VALUE = "[value not shown]"
_IGNORED = "[ignored column]"


@dataclasses.dataclass(frozen=True)
class Publication:
    """What may be shown of one version, decided by its sidecar and its profile.

    Attributes:
        masks: Whether anything is hidden; not where the sidecar says ``personal_data: allow``.
        whole: Columns of which no value is shown, each with what it holds.
        within: Columns of texts with personal data somewhere in them.
    """

    masks: bool
    whole: Mapping[str, str]
    within: frozenset[str]

    @classmethod
    def of(cls, sidecar: Sidecar, profile: Profile) -> Publication:
        """What the owner allows to be shown of what the profile found."""
        columns = profile.columns.items()
        return cls.of_meanings(sidecar, {name: each.meaning for name, each in columns if each.meaning is not None})

    @classmethod
    def of_meanings(cls, sidecar: Sidecar, meanings: Mapping[str, Meaning]) -> Publication:
        """The same of columns with these meanings; of others only what their form betrays is hidden."""
        if sidecar.personal_data == "allow":
            return cls(masks=False, whole={}, within=frozenset())
        return cls(
            masks=True,
            whole={name: meaning.name for name, meaning in meanings.items() if meaning.personal},
            within=frozenset(name for name, meaning in meanings.items() if meaning.within),
        )

    def text(self, text: str) -> str:
        """A text in which cells may be quoted."""
        return scrubbed(text) if self.masks else text

    def table(self, table: pl.DataFrame) -> pl.DataFrame:
        """The rows with every personal column hidden; texts of other columns are left to `rows`."""
        hidden = [
            pl.when(pl.col(name).is_not_null()).then(pl.lit(placeholder(meaning))).alias(name)
            for name, meaning in self.whole.items()
            if name in table.columns
        ]
        searched = [scrubbed_series(table[name]) for name in self.within if name in table.columns]
        return table.with_columns(*hidden, *searched) if hidden or searched else table

    def rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """A few rows of `table` as they are shown: all texts are searched, also those of unsuspicious columns."""
        if not self.masks:
            return rows
        texts = [name for name, dtype in rows.schema.items() if dtype == pl.String and name not in self.whole]
        return rows.with_columns(*(scrubbed_series(rows[name]) for name in texts)) if texts else rows

    def quarantine(self, rows: pl.DataFrame, reading: Reading, sidecar: Sidecar) -> pl.DataFrame:
        """Rows of a quarantine: their text, and the values and messages of their reasons.

        Cells of personal and of ignored columns are hidden by their place. A record whose cells cannot be told
        apart is not shown at all where the table has personal columns.
        """
        if not self.masks:
            return rows
        return pl.DataFrame(
            {
                "line": rows["line"],
                "raw": [self._record(raw, reading, sidecar) for raw in rows["raw"].to_list()],
                "reasons": [
                    [self._reason(reason) for reason in found or []] for found in rows["reasons"].to_list()
                ],
            },
            schema=QUARANTINE_SCHEMA,
        )

    def validation(self, validation: Validation) -> Validation:
        """What was checked: messages, and example values of checks that failed."""
        if not self.masks:
            return validation
        shown = [self._check(check) for check in validation.checks]
        reasons = [
            reason.model_copy(
                update={"message": scrubbed(self._without_examples(reason.message, validation.checks))}
            )
            for reason in validation.reasons
        ]
        return validation.model_copy(update={"checks": shown, "reasons": reasons})

    def reading(self, reading: Reading) -> Reading:
        """The reading report, whose reasons quote cells."""
        if not self.masks:
            return reading
        columns = [
            column.model_copy(
                update={"reason": placeholder(self.whole[column.name])}
                if column.name in self.whole and "'" in column.reason
                else {"reason": scrubbed(column.worded("reason"))}
            )
            for column in reading.columns
        ]
        decisions = [
            decision.model_copy(
                update={
                    "choice": scrubbed(decision.worded("choice")),
                    "why": scrubbed(decision.worded("why")),
                    "alternatives": [
                        one.model_copy(update={name: scrubbed(one.worded(name)) for name in ("choice", "why_not")})
                        for one in decision.alternatives
                    ],
                }
            )
            for decision in reading.decisions
        ]
        return reading.model_copy(update={"columns": columns, "decisions": decisions})

    def _record(self, raw: str | None, reading: Reading, sidecar: Sidecar) -> str | None:
        hidden = {**dict.fromkeys(sidecar.ignore, _IGNORED)}
        hidden |= {name: placeholder(meaning) for name, meaning in self.whole.items()}
        if raw is None or not hidden:
            return None if raw is None else scrubbed(raw)
        cells = lenient_cells(raw, Dialect.of(reading))
        if len(cells) != len(reading.columns):
            return _NOT_SHOWN
        shown = [hidden.get(column.name, cell) for column, cell in zip(reading.columns, cells, strict=True)]
        return scrubbed(reading.delimiter.join(shown))

    def _reason(self, reason: Mapping[str, str | None]) -> dict[str, str | None]:
        value, message = reason["value"], reason["message"] or ""
        if self._hides(reason["column"]) and value:
            message, value = message.replace(value, _HIDDEN_VALUE), _HIDDEN_VALUE
        shown = {name: scrubbed(text) if text else text for name, text in reason.items()}
        return {**shown, "value": scrubbed(value) if value else value, "message": scrubbed(message)}

    def _check(self, check: CheckResult) -> CheckResult:
        if check.passed:
            return check
        message = self._without_examples(check.worded("message"), [check])
        examples = [scrubbed(text) for text in check.examples]
        if examples and self._hides(check.column):
            examples = [_HIDDEN_VALUE]
        return check.model_copy(update={"message": scrubbed(message), "examples": examples})

    def _without_examples(self, message: str, checks: Sequence[CheckResult]) -> str:
        """A message without the values of personal columns that checks have as examples."""
        values = {text for check in checks if self._hides(check.column) for text in check.examples if text}
        for value in sorted(values, key=len, reverse=True):
            message = message.replace(value, _HIDDEN_VALUE)
        return message

    def _hides(self, column: str | None) -> bool:
        """Whether values of a column, or of whole rows, can be personal."""
        return bool(self.whole) if column is None else column in self.whole


def scrubbed_series(texts: pl.Series) -> pl.Series:
    """Texts with the personal data in them replaced by what it is in brackets."""
    suspects = texts.filter(texts.str.contains(SUSPICION).fill_null(value=False)).unique()
    changed = {text: shown for text in suspects.to_list() if (shown := scrubbed(text)) != text}
    return texts.replace(list(changed), list(changed.values())) if changed else texts
