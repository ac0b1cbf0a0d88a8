"""What has to hold of the tables before anything is concluded from them."""

import dagster as dg

from dsp_pipeline.defs import metadata
from dsp_pipeline.defs.failures import REMEDY, WHERE
from dsp_pipeline.defs.partitions import partitioned_check
from dsp_pipeline.etl.tables import RawTable, ValidatedTable


@partitioned_check(asset="raw_dataset", blocking=True)
def no_record_lost(raw_dataset: RawTable) -> dg.AssetCheckResult:
    """Every record of the file is either in the raw table or set aside with a reason."""
    reading = raw_dataset.reading
    kept = raw_dataset.stored.counted_in_file() + raw_dataset.set_aside.counted_in_file()
    return dg.AssetCheckResult(
        passed=kept == reading.rows_in,
        metadata={
            "rows_in": reading.rows_in,
            "rows_read": reading.rows_read,
            "rows_rejected": reading.rows_rejected,
        },
        description=f"{reading.rows_in:,} records in the file, {kept:,} kept.",
    )


@partitioned_check(asset="validated_table", blocking=True)
def no_row_lost(validated_table: ValidatedTable) -> dg.AssetCheckResult:
    """Every row is either valid or in quarantine."""
    validation = validated_table.validation
    kept = validated_table.stored.counted_in_file() + validated_table.quarantined.counted_in_file()
    return dg.AssetCheckResult(
        passed=kept == validation.rows_in,
        metadata={"rows_in": validation.rows_in, "rows_valid": validation.rows_valid},
        description=f"{validation.rows_in:,} rows in, {kept:,} kept or quarantined.",
    )


@partitioned_check(asset="validated_table", blocking=True)
def rules_on_the_table_met(validated_table: ValidatedTable) -> dg.AssetCheckResult:
    """The sidecar's rules of severity error on the table as a whole are met: row counts, freshness, sums.

    Rows that break a rule are in quarantine and block nothing; a table that breaks one is not analysed.
    """
    validation, source = metadata.published(validated_table), validated_table.reading.source
    blocking = validation.blocking
    told = "; ".join(f"{check.name}: {check.message}" for check in blocking)
    return dg.AssetCheckResult(
        passed=not blocking,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "checks": metadata.checks_table(check for check in validation.checks if check.about == "table"),
            WHERE: source.key,
            REMEDY: next((check.remedy for check in blocking), ""),
        },
        description=f"the table as a whole breaks what its sidecar asks: {told}"
        if blocking
        else "The table as a whole meets every rule of severity error.",
    )


@partitioned_check(asset="validated_table")
def contract_met(validated_table: ValidatedTable) -> dg.AssetCheckResult:
    """The sidecar's rules and the contract of the version before are met."""
    checks = metadata.published(validated_table).checks
    failed = [check for check in checks if not check.passed]
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": metadata.checks_table(failed)},
        description=f"{len(failed)} of {len(checks)} checks failed.",
    )
