"""How a series goes with itself some points later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsp_pipeline.ml.statistics.arrays import Floats


def autocorrelations(values: Floats, lags: int) -> Floats:
    """The autocorrelations at lags 1..``lags`` (Box & Jenkins: divisor n throughout), by the Fourier transform.

    Args:
        values: The series without gaps.
        lags: How many lags; fewer are returned if the series is shorter.
    """
    centred = values - values.mean()
    size = 1 << (2 * len(values) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    covariances = np.fft.irfft(spectrum, size)[: min(lags, len(values) - 1) + 1]
    if not covariances[0] > 0:
        return np.zeros(len(covariances) - 1)
    return np.asarray(covariances[1:] / covariances[0])
