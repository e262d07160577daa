"""Strategies for many merges at once, of customers who are entangled in every way."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st

import accountmerge as am
from small_values import access, appointment, customer, profile, record, slot, snapshot

IDS = tuple(f"C{number}" for number in range(1, 8))


def _merge(survivor: str, *absorbed: str, actor: str = "P1") -> am.MergeRequest:
    return am.MergeRequest(survivor=survivor, absorbed=absorbed, actor=actor)


_PAIRS = [_merge("C1", "C2"), _merge("C3", "C4"), _merge("C5", "C6")]
_LINKS = ("relation", "relation", "single", "single", "note")
_MAILBOXES = ("ann@example.com", "Ann@example.com", "bo@example.com", "cy@example.com")
_USES: tuple[Any, ...] = ("secondary", "former", "primary")


@st.composite
def batch_cases(draw: st.DrawFn) -> tuple[am.Snapshot, list[am.MergeRequest]]:
    """A practice whose customers are entangled in every way, and merges of them; P2 may do few of them."""
    some = st.sampled_from(IDS)
    emails = st.lists(
        st.builds(am.CustomerEmail, st.sampled_from(_MAILBOXES), st.sampled_from(_USES)), max_size=2
    )
    statuses: dict[str, Any] = {id: draw(st.sampled_from(["active"] * 9 + ["disabled"])) for id in IDS}
    people = [customer(id, emails=draw(emails), version=1, status=statuses[id]) for id in IDS]
    rows: list[am.Record] = []
    for number in range(draw(st.integers(2, 6))):
        kind = draw(st.sampled_from(_LINKS))
        fields = {
            "customer_id": draw(some),
            "related_customer_id": draw(some) if kind == "relation" else None,
            "attached_to": draw(st.sampled_from([None, *(row.id for row in rows)])),
        }
        rows.append(record(f"R{number}", kind=kind, version=number or None, **fields))
    booked = [
        appointment(f"A{n}", slot(60 * draw(st.integers(0, 1))), customer_id=draw(some), version=1)
        for n in range(draw(st.integers(0, 3)))
    ]
    if len(booked) > 1 and draw(st.booleans()):
        booked[0] = attrs.evolve(booked[0], replaced_by=booked[-1].id)
    whole = snapshot(
        profiles=[profile("P1"), profile("P2", email=draw(st.sampled_from(_MAILBOXES)))],
        customers=people,
        records=rows,
        appointments=booked,
        access=[
            *(access(f"X-{id}", customer_id=id, version=1) for id in IDS),
            *(access(f"Y-{id}", profile_id="P2", customer_id=id) for id in IDS[:4]),
        ],
    )
    return whole, draw(st.one_of(st.just(_PAIRS), _forests(), _any_merges()))


@st.composite
def _forests(draw: st.DrawFn) -> list[am.MergeRequest]:
    """Merges that can all be done: nobody has two survivors or goes in a circle."""
    found = []
    for place, id in enumerate(IDS[1:], start=1):
        survivor = draw(st.sampled_from([None, *IDS[:place]]))
        found += [_merge(survivor, id)] if survivor else []
    return found


@st.composite
def _any_merges(draw: st.DrawFn) -> list[am.MergeRequest]:
    """Merges of a few customers, most of which contradict each other."""
    some = st.sampled_from(IDS[: draw(st.sampled_from([3, 5, 7]))])
    actors = st.sampled_from(["P1"] * 5 + ["P2"])
    absorbed = st.lists(some, min_size=1, max_size=2)
    merges = st.builds(am.MergeRequest, survivor=some, absorbed=absorbed, actor=actors)
    return draw(st.lists(merges, max_size=5))


BATCH_RULES = am.MergeRules(
    record_kinds=[am.merges.RecordKind(kind="single", one_per_customer=True)], kept_primary="survivor"
)
