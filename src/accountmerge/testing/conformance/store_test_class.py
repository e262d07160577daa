"""A class with one test for each law, to be subclassed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from unittest import SkipTest

from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.own_ids import Ids
from accountmerge.testing.conformance.profiles import (
    DEFAULT_PROFILE,
    THE_KILL,
    THE_MACHINE,
    Level,
    profile_of,
)
from accountmerge.testing.conformance.store_laws import STORE_LAWS
from accountmerge.testing.conformance.verifying import verify_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import settings as Settings  # noqa: N812 - a class, whatever its name


class StoreLaws:
    """A method `test_…` for each law of a profile; subclass it as `TestMyStore`.

    A law that the store does not promise is skipped.

    Attributes:
        capabilities: The promises of the store.
        level: `smoke`, `quick` or `full`.
        profile: The name of the frozen list of laws.
        settings: Settings of hypothesis, in place of the kit's own.
        run: A function that runs a coroutine to its end, for an asynchronous store (as a `staticmethod`).
        seed: The seed of the drawn plans.
        ids: Whether the store keeps planned ids or gives its own ones.
    """

    capabilities: ClassVar[Capabilities] = Capabilities()
    level: ClassVar[Level] = "quick"
    profile: ClassVar[str] = DEFAULT_PROFILE
    settings: ClassVar[Settings | None] = None
    run: ClassVar[Any] = None
    seed: ClassVar[int] = 0
    ids: ClassVar[Ids] = "planned"

    def make_store(self) -> Any:
        """Return an adapter; a subclass must define it."""
        raise NotImplementedError("say in a subclass how an adapter is made: def make_store(self)")

    def __init_subclass__(cls, **more: object) -> None:
        super().__init_subclass__(**more)
        for law in profile_of(cls.profile).laws:
            if not hasattr(cls, f"test_{law}"):
                setattr(cls, f"test_{law}", _test_of(law))

    def verify(self, law: str) -> None:
        """Try one law, or skip it if not promised; raise `LawBroken` if it is broken or vacuous."""
        report = verify_store(
            self.make_store,
            capabilities=self.capabilities,
            level=self.level,
            profile=self.profile,
            settings=self.settings,
            run=type(self).run,
            laws=[law],
            seed=self.seed,
            ids=self.ids,
        )
        report.raise_if_broken()
        (result,) = report.results
        if result.status != "pass":
            raise SkipTest(result.why)


def _test_of(law: str) -> Callable[[StoreLaws], None]:
    def test(self: StoreLaws) -> None:
        self.verify(law)

    test.__name__ = test.__qualname__ = f"test_{law}"
    by_its_own = {
        THE_KILL: "A killed process leaves no trace.",
        THE_MACHINE: "Any course of events ends well.",
    }
    test.__doc__ = STORE_LAWS[law].promise if law in STORE_LAWS else by_its_own[law]
    return test
