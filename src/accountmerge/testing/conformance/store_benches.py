"""Store benches: a store at which laws are tried on scenarios, one after the other."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from accountmerge.testing.conformance.reports import Failure
from accountmerge.testing.conformance.trials import Trial

if TYPE_CHECKING:
    from collections import Counter

    from accountmerge.testing.conformance.laws import Law
    from accountmerge.testing.conformance.scenarios import Scenario
    from accountmerge.testing.conformance.trials import Subject


class StoreBench:
    """A store, and an open driver of it; see `Bench`."""

    kind: ClassVar[str] = "store"

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._driver = subject.driver()
        self._trial: Trial | None = None

    @property
    def name(self) -> str:
        """Where the factory of the store is from."""
        return self._subject.name

    def try_on(self, law: Law, example: Scenario, counts: Counter[str]) -> None:
        """Try a law on one scenario."""
        self._trial = None
        self._trial = Trial(self._subject, self._driver, example, counts)
        law.check(self._trial)

    def failure(self, law: Law, example: Scenario, why: str) -> Failure | None:
        """Return what is kept of a scenario that broke a law; nothing if there is no plan in it."""
        trial = self._trial
        snapshot = trial.present if trial else example.snapshot
        change_set = trial.change_set if trial else example.change_set_on(snapshot)
        if change_set is None:
            return None
        return Failure(
            law.name,
            example.name,
            why,
            snapshot,
            change_set,
            capabilities=self._subject.capabilities.promising(law.needs),
            is_async=self._subject.run is not None,
        )

    def renew(self) -> None:
        """Take another driver: the old one may be stuck in what went wrong."""
        with suppress(Exception):  # one fault at a time
            self._driver.close()
        self._driver = self._subject.driver()

    def close(self) -> None:
        """Let go of the store."""
        self._driver.close()
