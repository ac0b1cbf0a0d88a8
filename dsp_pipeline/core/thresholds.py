"""Where a fact about a table becomes an alert; an operator can move each of them."""

from __future__ import annotations

import pydantic


class AlertThresholds(pydantic.BaseModel):
    """Bounds of alerts. Shares are between 0 and 1; a fact at its bound raises the alert."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    missing: float = pydantic.Field(0.05, ge=0, le=1, description="Share of missing values: `missing`.")
    high_missing: float = pydantic.Field(0.5, ge=0, le=1, description="Share of missing values: `high_missing`.")
    many_labels: pydantic.PositiveInt = pydantic.Field(50, description="Labels beyond which: `high_cardinality`.")
    skewness: pydantic.PositiveFloat = pydantic.Field(2.0, description="Skewness either way: `skewed`.")
    zeros: float = pydantic.Field(0.5, ge=0, le=1, description="Share of zeros: `zeros`.")
    imbalance: float = pydantic.Field(0.9, ge=0, le=1, description="Share of the commonest value: `imbalance`.")
    uniform: float = pydantic.Field(
        0.999, ge=0, le=1, description="Evenness (entropy by that of equally common labels): `uniform`."
    )
    outliers: float = pydantic.Field(0.05, ge=0, le=1, description="Share beyond the fences: `outliers`.")
    correlation: float = pydantic.Field(0.95, ge=0, le=1, description="Pearson or Cramér: `highly_correlated`.")
    nonlinear: float = pydantic.Field(
        0.4, ge=0, le=1, description="Information as a correlation, where correlations are small: `nonlinear`."
    )
    leak: float = pydantic.Field(0.97, ge=0, le=1, description="Association with the target: `leak_suspect`.")
    dependency: float = pydantic.Field(
        0.98, ge=0, le=1, description="Share of rows that a dependency holds in: `dependency_broken`."
    )
    missing_dependence: float = pydantic.Field(
        0.3, ge=0, le=1, description="Cramér's V of gaps and another column: `missing_depends`."
    )
    duplicates: float = pydantic.Field(0.0, ge=0, le=1, description="Share of repeated rows beyond: `duplicates`.")
    mixed_types: float = pydantic.Field(
        0.8,
        ge=0,
        le=1,
        description="Share of numbers or dates in texts: `mixed_types`, `dates_as_category`.",
    )
    seasonality: float = pydantic.Field(
        0.3, ge=0, le=1, description="Share of the variance that a period explains: `seasonal`."
    )
    significance: float = pydantic.Field(
        0.05, gt=0, lt=1, description="False discovery rate, or p, of the alerts that rest on a test."
    )
    few_rows: pydantic.PositiveInt = pydantic.Field(30, description="Rows below which: `few_rows`.")


DEFAULT_THRESHOLDS = AlertThresholds()
