"""Hypothesis settings, in one place: a fast profile for every run, a long one for `nox -s laws`."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

_SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "fast",
    max_examples=40,
    deadline=None,
    derandomize=True,  # green here is green everywhere; `nox -s laws` draws anew each time
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    report_multiple_bugs=False,  # a failure is told in seconds
    suppress_health_check=_SLOW_TO_DRAW,
)
settings.register_profile(
    "laws", max_examples=3000, deadline=None, database=None, suppress_health_check=_SLOW_TO_DRAW
)
settings.register_profile(
    "mutants",
    settings.get_profile("fast"),
    max_examples=6,  # for thousands of runs: one failing example is enough
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("fast")
