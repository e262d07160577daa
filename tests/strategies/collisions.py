"""Strategies for snapshots in which things collide: bookings, schedules, logins, links, changes of clock.

Bounded: two practitioners, four profiles and four customers, of whom only those are there whom something names;
two bookings or three for each trouble. What is drawn shrinks to one trouble with as little as it needs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import attrs
from hypothesis import event, note
from hypothesis import strategies as st

from accountmerge.model.appointments import REBOOKED
from accountmerge.testing.strategies.shown_cases import ShownSnapshot
from strategies.snapshot_drafts import HOUR, QUARTER, SnapshotDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.snapshots import Snapshot

Trouble = Literal[
    "touching slots",
    "nested slots",
    "equal slots",
    "several profiles",
    "session",
    "customer twice",
    "person twice",
    "repeated hour",
    "skipped hour",
    "chain of rebookings",
    "both halves live",
    "one-way link",
    "circle of links",
    "several active schedules",
    "claimed login",
    "claimed mailbox",
    "shared address",
    "malformed address",
    "chain of merges",
    "merged into itself",
]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)

_REPEATED = (
    ("Australia/Sydney", datetime.fromisoformat("2026-04-04T16:00:00+00:00"), HOUR),
    ("America/New_York", datetime.fromisoformat("2026-11-01T06:00:00+00:00"), HOUR),
    ("Australia/Lord_Howe", datetime.fromisoformat("2026-04-04T15:00:00+00:00"), 2 * QUARTER),
)
"""Where and when clocks go back, and by how much."""
_SKIPPED = (
    ("America/New_York", datetime.fromisoformat("2026-03-08T07:00:00+00:00")),
    ("Australia/Sydney", datetime.fromisoformat("2026-10-03T16:00:00+00:00")),
    ("Australia/Lord_Howe", datetime.fromisoformat("2026-10-03T15:30:00+00:00")),
)
"""Where and when clocks go forward."""
_SPELLINGS = ("ann@example.com", " Ann@Example.COM ", "ANN@EXAMPLE.COM")
_MALFORMED = ("", "@", "ann", "a@b@example.com", "x@\u2488com")


@st.composite
def colliding_snapshots(
    draw: st.DrawFn, *, troubles: tuple[Trouble, ...] = TROUBLES, most: int = 4
) -> Snapshot:
    """A snapshot with some kinds of trouble, which meet on few slots, profiles, customers and mailboxes.

    A failing example shows its data in full.

    Args:
        draw: Given by Hypothesis.
        troubles: Which kinds may be drawn; at least one.
        most: How many troubles there are at the most, of the same kind too; at least one is.
    """
    draft = SnapshotDraft(draw)
    draw(st.lists(_drawn_into(draft, troubles), min_size=1, max_size=most))
    snapshot = draft.snapshot()
    note(ShownSnapshot(snapshot))
    return snapshot


@st.composite
def _drawn_into(draw: st.DrawFn, draft: SnapshotDraft, troubles: tuple[Trouble, ...]) -> Trouble:
    """Draw a trouble into a draft, all of it in one stretch: so Hypothesis can leave it out when it shrinks."""
    trouble = draw(st.sampled_from(troubles))
    event(f"trouble: {trouble}")
    draft.draw = draw
    _DRAWN[trouble](draft)
    return trouble


def _touching(draft: SnapshotDraft) -> None:
    start, length = draft.start(), draft.length()
    draft.book(start, length)
    draft.book(start + length, draft.length(), customer_id=draft.pick("C0", "C1"))


def _nested(draft: SnapshotDraft) -> None:
    start = draft.start()
    draft.book(start, HOUR)
    inset = draft.pick(QUARTER, timedelta(0), timedelta(microseconds=1))
    draft.book(start + inset, HOUR - 2 * QUARTER, customer_id=draft.pick("C1", "C0"))


def _equal(draft: SnapshotDraft) -> None:
    start, length = draft.start(), draft.length()
    for customer_id in ("C0", draft.pick("C1", "C0")):
        draft.book(start, length, customer_id=customer_id, status=draft.pick("booked", "held", "cancelled"))


def _several_profiles(draft: SnapshotDraft) -> None:
    start, length = draft.start(), draft.length()
    for number, profile_id in enumerate(draft.pick(("P0", "P1"), ("P0", "P1", "P2"))):
        draft.book(start, length, profile_id=profile_id, customer_id=f"C{number}")


def _session(draft: SnapshotDraft) -> None:
    """Book a session of several customers, perhaps with a booking beside it that is in no session or in another."""
    start, length = draft.start(), draft.length()
    for number, profile_id in enumerate(draft.pick(("P0", "P0"), ("P0", "P1", "P2"))):
        draft.book(start, length, profile_id=profile_id, customer_id=f"C{number}", session_id="S")
    beside = draft.pick("none", "of no session", "of another", "at another time")
    if beside != "none":
        session_id = {"of another": "T", "at another time": "S"}.get(beside)
        later = QUARTER if beside == "at another time" else timedelta(0)
        draft.book(start + later, length, customer_id="C3", session_id=session_id)


def _customer_twice(draft: SnapshotDraft) -> None:
    start = draft.start()
    draft.book(start, HOUR)
    draft.book(start + draft.pick(0, 1, 3) * QUARTER, HOUR, profile_id="P3")


def _person_twice(draft: SnapshotDraft) -> None:
    """Book a customer and one that was merged into it at the same time, with two practitioners."""
    start = draft.start()
    draft.book(start, HOUR)
    draft.customer("C1", status="disabled", merged_into="C0")
    later = start + draft.pick(0, 1, 3) * QUARTER
    draft.book(later, HOUR, profile_id="P3", customer_id="C1")


def _repeated_hour(draft: SnapshotDraft) -> None:
    """Book the same time as clocks show it twice: the two touch or overlap, or seem to."""
    zone, change, shift = draft.pick(*_REPEATED)
    start = change - draft.pick(2, 1) * QUARTER
    length = draft.pick(shift, shift + QUARTER, QUARTER)
    draft.book(start, length, time_zone=zone)
    draft.book(start + shift, length, time_zone=zone, customer_id=draft.pick("C0", "C1"))


def _skipped_hour(draft: SnapshotDraft) -> None:
    """Book up to the instant at which clocks go forward, or over it, and from there on."""
    zone, change = draft.pick(*_SKIPPED)
    length = draft.pick(2, 4) * QUARTER
    draft.book(change - draft.pick(length, QUARTER), length, time_zone=zone)
    draft.book(change, length, time_zone=zone, customer_id=draft.pick("C0", "C1"))


def _chain(draft: SnapshotDraft) -> None:
    """Rebook a booking twice or three times; the last one is live."""
    row = draft.book(draft.start(), draft.length())
    for profile_id in draft.pick(("P1", "P0"), ("P1", "P0", "P2")):
        row = _rebooked(draft, row, profile_id)


def _rebooked(draft: SnapshotDraft, old: Appointment, profile_id: str) -> Appointment:
    length = old.slot.end - old.slot.start
    new = draft.book(old.slot.start, length, profile_id=profile_id, replaces=old.id)
    draft.put(attrs.evolve(old, status="cancelled", cancel_reason=REBOOKED, replaced_by=new.id))
    return new


def _both_halves(draft: SnapshotDraft) -> None:
    old = draft.book(draft.start(), draft.length())
    new = _rebooked(draft, old, "P1")
    draft.put(attrs.evolve(old, replaced_by=new.id))


def _one_way(draft: SnapshotDraft) -> None:
    """Leave out the link of one half; the other half says what happened."""
    old = draft.book(draft.start(), draft.length())
    new = _rebooked(draft, old, "P1")
    half = draft.pick(old.id, new.id)
    draft.put(attrs.evolve(draft.appointments[half], replaces=None, replaced_by=None))


def _circle(draft: SnapshotDraft) -> None:
    old = draft.book(draft.start(), draft.length())
    new = _rebooked(draft, old, "P1")
    draft.put(attrs.evolve(draft.appointments[old.id], replaces=new.id))
    draft.put(attrs.evolve(new, replaced_by=draft.pick(old.id, None)))


def _two_active(draft: SnapshotDraft) -> None:
    for profile_id in draft.pick(("P0", "P1"), ("P0", "P1", "P2")):
        draft.profile(profile_id, schedule="active")


def _claimed_login(draft: SnapshotDraft) -> None:
    """Let two profiles sign in with one mailbox, or a profile and a customer, who may."""
    draft.profile("P0", email=_SPELLINGS[0])
    if draft.pick(True, False):
        draft.profile(draft.pick("P1", "P3"), email=_SPELLINGS[1])
    else:
        draft.email("C0", _SPELLINGS[1], "primary")


def _claimed_mailbox(draft: SnapshotDraft) -> None:
    for number, spelling in enumerate(draft.pick(_SPELLINGS[:2], _SPELLINGS)):
        draft.email(f"C{number}", spelling, "primary")


def _shared_address(draft: SnapshotDraft) -> None:
    for number in range(2):
        draft.email(f"C{number}", draft.pick(*_SPELLINGS), draft.pick("secondary", "former", "primary"))


def _malformed_address(draft: SnapshotDraft) -> None:
    draft.email("C0", draft.pick(*_MALFORMED), draft.pick("primary", "secondary"))
    if draft.pick(False, True):
        draft.profile("P0", email=draft.pick(*_MALFORMED))


def _chain_of_merges(draft: SnapshotDraft) -> None:
    for number in range(draft.pick(2, 3), 0, -1):
        draft.customer(f"C{number}", status="disabled", merged_into=draft.customer(f"C{number - 1}"))


def _merged_into_itself(draft: SnapshotDraft) -> None:
    """Merge a customer into itself, at once or by way of another."""
    other = draft.customer(draft.pick("C0", "C1"))
    draft.customer("C0", status="disabled", merged_into=other)
    draft.customer(other, status="disabled", merged_into="C0")


_DRAWN: dict[Trouble, Callable[[SnapshotDraft], None]] = {
    "touching slots": _touching,
    "nested slots": _nested,
    "equal slots": _equal,
    "several profiles": _several_profiles,
    "session": _session,
    "customer twice": _customer_twice,
    "person twice": _person_twice,
    "repeated hour": _repeated_hour,
    "skipped hour": _skipped_hour,
    "chain of rebookings": _chain,
    "both halves live": _both_halves,
    "one-way link": _one_way,
    "circle of links": _circle,
    "several active schedules": _two_active,
    "claimed login": _claimed_login,
    "claimed mailbox": _claimed_mailbox,
    "shared address": _shared_address,
    "malformed address": _malformed_address,
    "chain of merges": _chain_of_merges,
    "merged into itself": _merged_into_itself,
}
