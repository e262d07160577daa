"""Reports: what became of each law, how much of what was exercised, and the smallest plan that broke one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.documents.files import dumps
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.laws import MORE_THAN_A_PLAN

Status = Literal["pass", "fail", "not_applicable", "vacuous", "known_broken", "unexpected_success", "not_run"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""What becomes of a law: kept; broken; not promised; kept, but too little was exercised to say so; broken, which
is known; kept although it was known to be broken; not tried, because an earlier one was broken."""

_RED: frozenset[Status] = frozenset({"fail", "vacuous", "unexpected_success"})


@attrs.frozen(repr=False)
class Failure:
    """The smallest plan that was found to break a law.

    Attributes:
        door: The module that a test of it imports from.
        law: The law.
        scenario: The name of the scenario.
        why: How it was broken, in ids and kinds.
        snapshot: The data, as the store gave them back.
        change_set: The set.
        capabilities: What the store promises.
        is_async: Whether it is awaited.
    """

    door: ClassVar[str] = "accountmerge.testing.conformance"

    law: str
    scenario: str
    why: str
    snapshot: Snapshot
    change_set: ChangeSet | None
    capabilities: Capabilities = attrs.field(factory=Capabilities, kw_only=True)
    is_async: bool = attrs.field(default=False, kw_only=True)

    @property
    def size(self) -> tuple[int, int]:
        """How many steps there are, and how many rows: the smaller, the easier to understand."""
        rows = sum(len(self.snapshot.table(kind.collection)) for kind in KINDS)
        return (0 if self.change_set is None else len(self.change_set.steps), rows)

    def documents(self) -> dict[str, Any]:
        """Return what the law is tried on again, as plain data by name."""
        return {"snapshot": plain(self.snapshot), "change_set": plain(self.change_set)}

    def as_json(self) -> str:
        """Return what broke the law as JSON: its name under `law`, and the `documents`; it holds all values."""
        return json.dumps({"law": self.law, **self.documents()}, ensure_ascii=False, indent=1)

    def as_test(self, factory: str = "make_store", run: str | None = None) -> str:
        """Return a test as Python source that tries the law on this plan alone.

        A law that needs more than a plan, such as a course of events, is tried again as a whole.

        Args:
            factory: The name of what makes the adapter, to be imported where the test is put.
            run: The name of what runs a coroutine to its end, to be imported there too; `asyncio.run` if nothing
                is said and the store is asynchronous.
        """
        if run is None and self.is_async:
            run = "asyncio.run"
        promises = self.capabilities.as_source()
        more = "" if self.capabilities == Capabilities() else f", capabilities={promises}"
        more += f", run={run}" if run else ""
        if self.law in MORE_THAN_A_PLAN:
            call = f'verify_store({factory}, laws=["{self.law}"], level="full"{more}).raise_if_broken()'
            return self._source(call)
        return self.a_test(f"try_law({factory}, PLAN{more})")

    def a_test(self, call: str) -> str:
        """Return a test that makes a call of the kit with what broke the law."""
        return f'''{self._source(call)}

PLAN = r"""
{self.as_json()}
"""
'''

    def _source(self, call: str) -> str:
        """Return a test that makes a call of the kit, with the imports that it needs."""
        words = [word for word in ("Capabilities", "KnownBroken") if f"{word}(" in call]
        names = ", ".join([*words, call.partition("(")[0]])
        imports = ["import asyncio\n"] if "run=asyncio." in call else []
        imports.append(f"from {self.door} import {names}")
        lines = "\n    ".join(imports)
        return f'''def test_{self.law}():
    """{_in_a_docstring(self.scenario)}: {_in_a_docstring(self.why)}"""
    {lines}

    {call}
'''

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.law!r}, {self.scenario!r})"


def plain(value: Any) -> Any:
    """Return a value of the library as plain data, as it is written to a file."""
    return json.loads(dumps(value))


def _in_a_docstring(text: str) -> str:
    """Return text that neither ends a docstring nor escapes anything in it."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


@attrs.frozen(repr=False)
class LawResult:
    """What became of one law.

    Attributes:
        law: Its name.
        status: One of `STATUSES`.
        counts: How much of what was exercised.
        why: What is wrong, or why it was not tried; empty if it is kept.
        failure: The smallest plan that broke it.
    """

    law: str
    status: Status
    counts: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    why: str = ""
    failure: Failure | None = None

    def __repr__(self) -> str:
        return f"LawResult({self.law!r}, {self.status!r})"


@attrs.frozen(repr=False)
class Report:
    """What a verification found.

    Attributes:
        profile: The frozen list of laws that was tried.
        level: How long.
        seed: What the drawn plans were drawn with.
        results: What became of each law, in the order of attack.
    """

    profile: str
    level: str
    seed: int
    results: tuple[LawResult, ...]

    @property
    def ok(self) -> bool:
        """Whether every law is kept that was promised, and something was exercised of each."""
        return not any(result.status in _RED for result in self.results)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the laws that were broken, or not exercised enough, or are kept unexpectedly."""
        return tuple(result.law for result in self.results if result.status in _RED)

    def raise_if_broken(self) -> None:
        """Raise this report if anything in it is red.

        Raises:
            LawBroken: It is not `ok`.
        """
        if not self.ok:
            raise LawBroken(str(self))

    def __str__(self) -> str:
        heading = f"profile {self.profile}, level {self.level}, seed {self.seed}: "
        lines = [heading + ("all laws hold" if self.ok else "NOT ok")]
        for result in self.results:
            counted = ", ".join(f"{count} {what}" for what, count in sorted(result.counts.items()))
            lines.append(
                f"  {result.status.replace('_', ' '):18} {result.law}" + (f" ({counted})" if counted else "")
            )
            lines += [f"    {line}" for line in result.why.splitlines()]
        failures = [result.failure for result in self.results if result.failure is not None]
        lines += [f"  smallest plan that broke {found.law}: {found.scenario}" for found in failures]
        if failures:
            lines.append("  `report.results[...].failure.as_test()` is a test of it, `.as_json()` the plan.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Report({self.profile!r}, {self.level!r}, {'ok' if self.ok else 'NOT ok'})"
