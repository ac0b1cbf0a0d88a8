"""Mutual information on the scale of correlations. Needs no SciPy: pages show it, and are built without that."""

from __future__ import annotations

import numpy as np


def information_coefficient(nats: float) -> float:
    """The correlation, within 0..1, that two normal variables with this mutual information have (Linfoot 1957)."""
    return float(np.sqrt(-np.expm1(-2 * nats)))
