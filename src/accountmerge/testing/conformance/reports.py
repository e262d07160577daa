"""Reports with the result of each law, the exercised amounts, and the smallest plan that broke one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, get_args

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.documents.files import dumps
from accountmerge.model.entities import KINDS
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import Displayed
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.law import MORE_THAN_A_PLAN
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.own_ids import Ids
from accountmerge.testing.reference.narrow_data import words_of

Status = Literal["pass", "fail", "not_applicable", "vacuous", "known_broken", "unexpected_success", "not_run"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""Kept, broken, not promised, too little exercised, broken with a ticket, kept with a ticket, or not tried."""

_RED: frozenset[Status] = frozenset({"fail", "vacuous", "unexpected_success"})


@attrs.frozen(repr=False)
class Failure(Displayed):
    """The smallest plan that was found to break a law.

    Attributes:
        door: The module that a test of it imports from.
        law: The name of the law.
        scenario: The name of the scenario.
        why: The reason, in ids and kinds.
        snapshot: The data, as the store returned them.
        change_set: The change set.
        capabilities: The promises of the store.
        is_async: Whether it is awaited.
        ids: Whether the store keeps planned ids or gives its own ones.
        limits: The limits of the store, or None.
        call: The last call of the adapter that was no `dump`, or the `dump` that failed.
        traceback: The traceback of the exception, with its text.
    """

    door: ClassVar[str] = "accountmerge.testing.conformance"

    law: str
    scenario: str
    why: str
    snapshot: Snapshot
    change_set: ChangeSet | None
    capabilities: Capabilities = attrs.field(factory=Capabilities, kw_only=True)
    is_async: bool = attrs.field(default=False, kw_only=True)
    ids: Ids = attrs.field(default="planned", kw_only=True)
    limits: Limits | None = attrs.field(default=None, kw_only=True)
    call: str = attrs.field(default="", kw_only=True)
    traceback: str = attrs.field(default="", kw_only=True)

    @property
    def size(self) -> tuple[int, int]:
        """The numbers of steps and rows."""
        rows = sum(len(self.snapshot.table(kind.collection)) for kind in KINDS)
        return (0 if self.change_set is None else len(self.change_set.steps), rows)

    def documents(self) -> dict[str, Any]:
        """Return the data to try the law on again, as plain data by name."""
        return {"snapshot": plain(self.snapshot), "change_set": plain(self.change_set)}

    def as_json(self) -> str:
        """Return the law under `law` and the `documents` as JSON, with all values."""
        return json.dumps({"law": self.law, **self.documents()}, ensure_ascii=False, indent=1)

    def as_test(self, factory: str = "make_store", run: str | None = None) -> str:
        """Return a test as Python source that tries the law on this plan alone.

        A law that one plan alone cannot break is tried again as a whole.

        Args:
            factory: The name of the factory of the adapter, to be imported where the test is.
            run: The name of the function that runs a coroutine to its end, to be imported there too. Default:
                `asyncio.run` if the store is asynchronous.
        """
        if run is None and self.is_async:
            run = "asyncio.run"
        promises = self.capabilities.as_source()
        more = "" if self.capabilities == Capabilities() else f", capabilities={promises}"
        more += f", run={run}" if run else ""
        if self.limits is not None:
            more += f", limits=Limits({words_of(self.limits)})"
        if self.ids == "own":
            more += ', ids="own"'
        if self.law in MORE_THAN_A_PLAN or self.ids == "own":  # which plans on ids of its own
            call = f'verify_store({factory}, laws=["{self.law}"], level="full"{more}).raise_if_broken()'
            return self._source(call)
        return self.a_test(f"try_law({factory}, PLAN{more})")

    def a_test(self, call: str) -> str:
        """Return a test that makes a call of the kit with the failing data."""
        return f'''{self._source(call)}

PLAN = r"""
{self.as_json()}
"""
'''

    def _source(self, call: str) -> str:
        """Return a test that makes a call of the kit, with its imports."""
        words = [word for word in ("Capabilities", "KnownBroken") if f"{word}(" in call]
        names = ", ".join([*words, call.partition("(")[0]])
        imports = ["import asyncio\n"] if "run=asyncio." in call else []
        imports.append(f"from {self.door} import {names}")
        if "Limits(" in call:
            imports.append("from accountmerge import Limits")
        lines = "\n    ".join(imports)
        return f'''def test_{self.law}():
    """{_in_a_docstring(self.scenario)}: {_in_a_docstring(self.why)}"""
    {lines}

    {call}
'''

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.law!r}, {self.scenario!r})"


def plain(value: Any) -> Any:
    """Return a value of the library as plain data, as in a file."""
    return json.loads(dumps(value))


def _in_a_docstring(text: str) -> str:
    """Return text that neither ends a docstring nor escapes anything in it."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


@attrs.frozen(repr=False)
class LawResult(Displayed):
    """The result of one law.

    Attributes:
        law: The name of the law.
        status: One of `STATUSES`.
        counts: How much of each kind was exercised.
        why: The reason of a failure, or of not trying it; empty if it is kept.
        failure: The smallest plan that broke it.
        not_held: The reasons for which the store could not hold data, each with its count.
    """

    law: str
    status: Status
    counts: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    why: str = ""
    failure: Failure | None = None
    not_held: Mapping[str, int] = attrs.field(factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"LawResult({self.law!r}, {self.status!r})"


@attrs.frozen(repr=False)
class Report(Displayed):
    """The results of a verification.

    Attributes:
        profile: The name of the frozen list of laws.
        level: One of `LEVELS`.
        seed: The seed of the drawn plans.
        results: The result of each law, in the order of attack.
        limits: The limits within which the laws were tried; None for none.
    """

    profile: str
    level: str
    seed: int
    results: tuple[LawResult, ...]
    limits: Limits | None = None

    @property
    def ok(self) -> bool:
        """Whether every promised law is kept, and enough of each was exercised."""
        return not any(result.status in _RED for result in self.results)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the laws that are red in this report."""
        return tuple(result.law for result in self.results if result.status in _RED)

    @property
    def not_held(self) -> Mapping[str, int]:
        """The reasons for which the store could not hold data, each with its count in all laws."""
        reasons: Counter[str] = Counter()
        for result in self.results:
            reasons.update(result.not_held)
        return dict(reasons.most_common())

    def raise_if_broken(self) -> None:
        """Raise `LawBroken` with this report if it is not `ok`."""
        if not self.ok:
            raise LawBroken(str(self))

    def __str__(self) -> str:
        heading = f"profile {self.profile}, level {self.level}, seed {self.seed}: "
        lines = [heading + ("all laws hold" if self.ok else "NOT ok")]
        if self.limits is not None:
            lines.append(f"  only within Limits({words_of(self.limits)})")
        for result in self.results:
            counted = ", ".join(f"{count} {what}" for what, count in sorted(result.counts.items()))
            lines.append(
                f"  {result.status.replace('_', ' '):18} {result.law}" + (f" ({counted})" if counted else "")
            )
            lines += [f"    {line}" for line in result.why.splitlines()]
        lines += [f"  not held {count} times: {reason}" for reason, count in self.not_held.items()]
        for failure in [result.failure for result in self.results if result.failure is not None]:
            lines.append(f"  smallest plan that broke {failure.law}: {failure.scenario}")
            lines.append(f"  call of the adapter: {failure.call}")
            lines.append(
                "  `report.results[...].failure.as_test()` is a test of it, `.as_json()` the plan, `.traceback` the place."
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Report({self.profile!r}, {self.level!r}, {'ok' if self.ok else 'NOT ok'})"

    def _repr_html_(self) -> str:
        text: str = _cell(self).html
        return text

    def __rich_repr__(self) -> Iterator[Any]:
        tree: Iterator[Any] = _cell(self).__rich_repr__()
        return tree


def _cell(report: Report) -> Any:
    from accountmerge.reports.kit_cells import report_cell  # only a notebook needs it

    return report_cell(report)
