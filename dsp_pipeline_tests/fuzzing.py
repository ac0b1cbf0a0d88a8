"""How property tests draw their examples: the same few in `make test`, many fresh ones in `make fuzz`.

A landing must not hang on the draw or on how busy the machine is, so no example has a deadline in either.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def load_profile() -> None:
    """Take the profile that `DSP_HYPOTHESIS_PROFILE` names: ``same`` if it is not set, or ``fresh``."""
    settings.register_profile("same", _PATIENT, derandomize=True)
    settings.register_profile("fresh", _PATIENT)
    settings.load_profile(os.environ.get("DSP_HYPOTHESIS_PROFILE", "same"))


def examples(count: int) -> settings:
    """As many examples, or that many times what ``make fuzz`` asks for: 785 are 15,700 then."""
    return settings(max_examples=count * int(os.environ.get("DSP_FUZZ_FACTOR", "1")))
