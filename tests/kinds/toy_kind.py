"""A toy kind of request: a practitioner takes time off. It is entered in the table of kinds, and nowhere else.

The words of files and of reports are closed vocabularies. `toy_kind` adds the words of the toy to them, as a
contributor does who adds a kind (CONTRIBUTING.md, "Add a kind of request").
"""

from __future__ import annotations

import typing
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import Intent
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import REASON_FACTS, Reason, StepKind
from accountmerge.findings.finding import Acceptance, Finding, sorted_acceptances
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.messages import Facts, catalogues
from accountmerge.model.instants import rfc3339
from accountmerge.model.private import privacy
from accountmerge.model.texts import IDENTIFIER, NOTE
from accountmerge.model.time_slots import SLOT
from accountmerge.model.value_rules import TRUTH, checked
from accountmerge.plans.kind import Kind
from accountmerge.plans.plan import Plan
from accountmerge.plans.verdicts import NO_WORK, Draft, Verdict, Work, steps_from
from accountmerge.testing.strategies import PIVOT
from accountmerge.testing.strategies.planned_cases import CASES
from accountmerge.wire import class_hooks, class_schemas
from accountmerge.wire.converter import converter, model_converter, rows_reader
from small_values import NOON, profile, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pendulum


@privacy(personal="why", plain="profile_id slot accept", unknown_keys="similar")
@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(profile_id=IDENTIFIER, slot=SLOT, why=NOTE),
)
class TimeOff:
    """A practitioner cannot be booked for some time.

    Attributes:
        profile_id: The profile.
        slot: The time that is off.
        why: The private reason.
        accept: The findings that a named person accepts.
    """

    profile_id: str
    slot: am.TimeSlot
    why: str = ""
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"TimeOff({self.profile_id!r})"


@privacy(plain="is_confirmed", unknown_keys="words")
@attrs.frozen(kw_only=True, field_transformer=checked(is_confirmed=TRUTH))
class TimeOffRules:
    """The decisions of a practice about time off.

    Attributes:
        is_confirmed: Whether a named person has to confirm each plan.
    """

    is_confirmed: bool = False


class TimeOffPlan(Plan[TimeOff, TimeOffRules]):
    """The time off of a practitioner, decided and not yet written."""

    __slots__ = ()


def decide_time_off(
    snapshot: am.Snapshot, request: TimeOff, rules: TimeOffRules, at: pendulum.DateTime
) -> Verdict:
    profile = snapshot.profiles.get(request.profile_id)
    if profile is None:
        unknown = Finding.of("unknown_profile", (request.profile_id,), profile_id=request.profile_id)
        return Verdict(findings=[unknown])
    return Verdict(
        findings=(),
        work=lambda: _work(profile, request, at),
        practitioners=(profile.practitioner_id,),
        must_be_confirmed=rules.is_confirmed,
    )


def _work(profile: am.Profile, request: TimeOff, at: pendulum.DateTime) -> Work:
    if request.slot in profile.unavailable:
        return NO_WORK
    edit = Edit(profile, attrs.evolve(profile, unavailable=(*profile.unavailable, request.slot)))
    start, end = rfc3339(request.slot.start_us), rfc3339(request.slot.end_us)
    reason = Reason("time_off_asked", Facts(profile_id=profile.id, start=start, end=end))
    return Work(steps=steps_from((Draft(STEP, reason, (edit,)),), at=at))


INTENT: Any = "time_off"
STEP: Any = "take_time_off"
SUBJECT: Any = "time_off"
TIME_OFF: Kind[TimeOff, TimeOffRules, TimeOffPlan] = Kind(
    intent=INTENT,
    request=TimeOff,
    rules=TimeOffRules,
    plan=TimeOffPlan,
    decide=decide_time_off,
    shown=("profile_id",),
    subject=SUBJECT,
)

NEW_WORDS: dict[Any, tuple[str, ...]] = {Intent: (INTENT,), StepKind: (STEP,)}
REASON = {"time_off_asked": frozenset({"profile_id", "start", "end"})}
SENTENCES = {
    "reason.time_off_asked": "Profile {profile_id} asked for time off from {start} to {end}.",
    "report.time_off": "Time off of profile {profile_id}, planned for {at}",
    "step.take_time_off": "Take time off",
    "summary.take_time_off": "{count} time off",
    "type.time_off": "a TimeOff",
    "type.time_off_rules": "TimeOffRules",
}


@attrs.frozen
class TimeOffCase:
    """What a plan of time off is made from."""

    snapshot: am.Snapshot
    request: TimeOff
    at: datetime

    def plan(self, snapshot: am.Snapshot | None = None) -> TimeOffPlan:
        planned: Any = am.plan(snapshot or self.snapshot, typing.cast("Any", self.request), at=self.at)
        assert isinstance(planned, TimeOffPlan)
        return planned


def time_off_cases() -> st.SearchStrategy[TimeOffCase]:
    requests = st.builds(
        TimeOff, profile_id=st.just("P1"), slot=st.integers(0, 500).map(slot), why=st.text("ab")
    )
    return st.builds(
        TimeOffCase, st.just(snapshot(profiles=[profile()])), requests, st.just(max(PIVOT, NOON))
    )


class _Catalogue:
    """The catalogue of a language, and the sentences of the toy."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def gettext(self, key: str) -> str:
        return SENTENCES.get(key) or str(self.whole.gettext(key))

    def ngettext(self, key: str, plural: str, number: int) -> str:
        return SENTENCES.get(key) or str(self.whole.ngettext(key, plural, number))


@contextmanager
def toy_kind() -> Iterator[None]:
    """Enter the toy in the table of kinds, its words in the vocabularies, and its cases in the kit."""
    shipped = catalogues._catalogue

    def words(kind: Any) -> tuple[Any, ...]:
        return (*typing.get_args(kind), *NEW_WORDS.get(kind, ()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(REQUEST_KINDS, INTENT, TIME_OFF)
        patch.setitem(CASES, INTENT, time_off_cases)
        for module in (class_hooks, class_schemas):
            patch.setattr(module, "get_args", words)
        for code, facts in REASON.items():
            patch.setitem(REASON_FACTS, code, facts)
        patch.setattr(catalogues, "_catalogue", lambda language: _Catalogue(shipped(language)))
        _forget_hooks()
        try:
            yield
        finally:
            _forget_hooks()


def _forget_hooks() -> None:
    """Let the converter be built again, with the words of the moment."""
    converter.cache_clear()
    model_converter.cache_clear()
    rows_reader.cache_clear()
