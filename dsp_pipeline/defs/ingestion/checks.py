"""What has to hold of the tables before anything is concluded from them."""

import dagster as dg

from dsp_pipeline.defs.partitions import partitioned_check
from dsp_pipeline.etl.tables import RawTable, ValidatedTable


@partitioned_check(asset="raw_dataset", blocking=True)
def no_record_lost(raw_dataset: RawTable) -> dg.AssetCheckResult:
    """Every record of the file is either in the raw table or set aside with a reason."""
    reading = raw_dataset.reading
    kept = raw_dataset.stored.height + raw_dataset.set_aside.height
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
    kept = validated_table.stored.height + validated_table.quarantined.height
    return dg.AssetCheckResult(
        passed=kept == validation.rows_in,
        metadata={"rows_in": validation.rows_in, "rows_valid": validation.rows_valid},
        description=f"{validation.rows_in:,} rows in, {kept:,} kept or quarantined.",
    )


@partitioned_check(asset="validated_table")
def contract_met(validated_table: ValidatedTable) -> dg.AssetCheckResult:
    """The sidecar's rules and the contract of the version before are met."""
    failed = [check for check in validated_table.validation.checks if not check.passed]
    rows = [
        dg.TableRecord(
            {
                "check": check.name,
                "column": check.column or "",
                "failed_rows": check.failed_rows,
                "severity": check.severity,
                "message": check.message,
            }
        )
        for check in failed
    ]
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": dg.TableMetadataValue(rows, schema=None)} if rows else {},
        description=f"{len(failed)} of {len(validated_table.validation.checks)} checks failed.",
    )
