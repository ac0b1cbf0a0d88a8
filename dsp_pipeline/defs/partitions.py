"""One partition per dataset, added when its first drop is seen; assets and their checks share it."""

import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

datasets = dg.DynamicPartitionsDefinition(name="dataset")


def partitioned_check(
    *, asset: str, blocking: bool = False
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """`dagster.asset_check` with a result for each dataset.

    Dagster calls partitioned checks a preview and would warn at each load; that they work as used here is tested.
    """

    def decorate(check: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            made: Any = dg.asset_check(asset=asset, blocking=blocking, partitions_def=datasets)(check)
        if not isinstance(made, dg.AssetChecksDefinition):
            raise TypeError(f"{asset} has no check")
        return made

    return decorate
