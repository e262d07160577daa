"""Aimed plans: small practices in which somebody changed by hand just the rows that a plan would make or touch.

Each is made from one number, so that thousands take seconds and every one can be had again.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from random import Random
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.entities import KIND_OF_CLASS, KIND_OF_NAME, kind_of
from small_values import NOON, access, access_request, appointment, customer, profile, record, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KINDS = (
    "migration",
    "merge",
    "access_request",
    "access_decision",
    "primary_email",
    "customer_edit",
    "rebooking",
)
NEW = "new@example.com"
ADDRESSES = (NEW, "New@EXAMPLE.com", "nwe@example.com", "P1@example.com", "P3@example.com")
CUSTOMERS = ("C1", "C2", "C3")
PROFILES = ("P1", "P2", "P3", "Q1")
RULES = tuple(
    am.MergeRules(
        undo="while_unchanged",
        record_kinds=[am.merges.RecordKind(kind="card", one_per_customer=True)],
        kept_primary=kept,
    )
    for kept in ("ask", "survivor", "absorbed")
)
MIGRATION_RULES = am.MigrationRules(
    record_kinds=[
        am.migrations.ProfileRecords(kind="series", becomes="moves"),
        am.migrations.ProfileRecords(kind="price", becomes="copied"),
        am.migrations.ProfileRecords(kind="token", becomes="ends"),
    ]
)
CUSTOMER_RULES = am.customers.CustomerRules(staff_may_decide=True)


@attrs.frozen(kw_only=True)
class Aimed:
    """A request on data that were changed by hand.

    Attributes:
        snapshot: The data.
        request: What is asked.
        rules: What is in force.
        at: The instant of the plan.
        applied: What was applied before anything was changed by hand, of a prefix only its steps.
    """

    snapshot: am.Snapshot
    request: Any
    rules: Any = None
    at: datetime = NOON
    applied: am.ChangeSet | None = None

    def plan(self) -> Any:
        """Return the plan of the request on the data, which is made once."""
        return self._planned

    @cached_property
    def _planned(self) -> Any:
        return am.plan(self.snapshot, self.request, rules=self.rules, at=self.at)

    def put(self, *rows: Any, **changes: Any) -> Aimed:
        """Return the case with rows put into the data, and other changes."""
        return attrs.evolve(self, snapshot=self.snapshot.changed(rows), **changes)


def rules_of(kind: str, random: Random) -> Any:
    """Return rules for a kind of request; None for those of a rebooking."""
    if kind == "rebooking":
        return None
    if kind == "migration":
        return MIGRATION_RULES
    return random.choice(RULES) if kind == "merge" else CUSTOMER_RULES


def confirmed(change_set: am.ChangeSet) -> am.ChangeSet:
    """Return a set with the word of a named person."""
    return change_set.confirm(by="Ann Example", at=NOON)


@lru_cache(maxsize=500)
def aimed(kind: str, seed: int) -> Aimed:
    """Return an aimed case of a kind of plan, the same for the same number; laws of one kind share the cases."""
    random = Random(f"{kind} {seed}")  # noqa: S311 - to be had again
    snapshot = _practice(random)
    if kind == "migration":
        snapshot = snapshot.changed(_profile_records(random))
    case = Aimed(
        snapshot=snapshot,
        request=_ASKED[kind](random, snapshot),
        rules=rules_of(kind, random),
    )
    if random.random() < 0.5:
        case = accepted(case)
    rows = _planned_rows(case)
    case = _begun(case, random)
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        case = _changed_by_hand(case, rows, random)
    return case


def accepted(case: Aimed) -> Aimed:
    """Return a case in which somebody takes upon themselves what may be."""
    entries = [
        am.Acceptance(finding=found.id, by="Ann Example", why="agreed")
        for found in case.plan().blockers
        if found.is_acceptable
    ]
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=(*case.request.accept, *entries)))


# The practice


def _practice(random: Random) -> am.Snapshot:
    some = random.random
    profiles = [
        profile("P1", schedule=random.choice(("active",) * 12 + ("inactive", "pending"))),
        profile("P3", schedule=random.choice((*["inactive"] * 5, "active"))),
        profile("Q1", practitioner_id="H2"),
    ]
    profiles.append(
        profile(
            "P2",
            email=random.choice((*["P2@example.com"] * 5, NEW)),
            schedule=random.choice((*["pending"] * 6, "active", "inactive")),
            login=random.choice(("enabled", "enabled", "disabled")),
        )
    )
    return am.Snapshot(
        NOON,
        profiles=profiles,
        customers=_customers(random),
        appointments=[_appointment(random, n) for n in range(random.randint(1, 4))],
        access=[
            access(f"X{n}", profile_id=pair[0], customer_id=pair[1], level=random.choice(_LEVELS))
            for n, pair in enumerate(itertools.product(PROFILES, CUSTOMERS))
            if some() < (0.98 if pair[0] == "P1" else 0.25)
        ],
        access_requests=[_asked_access(random, n) for n in range(random.randint(1, 2))],
        records=[
            record(f"R{n}", kind=random.choice(("note", "card")), customer_id=random.choice(CUSTOMERS))
            for n in range(random.randrange(3))
        ],
    )


def _profile_records(random: Random) -> list[am.Record]:
    """Return records that name a profile, most of them the one that moves, some attached to an earlier one."""
    return [
        record(
            f"S{n}",
            kind=random.choice(("series", "price", "price", "token", "programme")),
            customer_id=random.choice(CUSTOMERS),
            profile_id=random.choice(("P1", "P1", "P1", "P2", "P3")),
            attached_to=f"S{random.randrange(n)}" if n and random.random() < 0.3 else None,
        )
        for n in range(random.choice((0, 1, 2, 4)))
    ]


_LEVELS = ("treating", "treating", "treating", "viewing")


def _customers(random: Random) -> list[am.Customer]:
    rows = []
    for id in CUSTOMERS:
        several = (("primary",), ("primary", "former"), ("primary", "primary"))
        uses: tuple[Any, ...] = random.choice(
            (("secondary",), (), ("former", "secondary"), random.choice(several))
        )
        names = random.sample(("a", "b", "c", "d", "e", "f"), len(uses)) if random.random() < 0.3 else None
        emails = [
            am.CustomerEmail(f"{names[n] if names else f'{id}-{n}'}@home.example", use)
            for n, use in enumerate(uses)
        ]
        rows.append(customer(id, given_name="Ann", family_name="Example", emails=emails))
    if random.random() < 0.2:
        rows[2] = attrs.evolve(rows[2], status="disabled", merged_into=random.choice(("C1", "C2")))
    return rows


def _slot(random: Random) -> am.TimeSlot:
    start = NOON + timedelta(minutes=random.choice((-120, 60, 90, 120, 240, 1440, 1500)))
    return am.TimeSlot(start, start + timedelta(minutes=60))


def _appointment(random: Random, n: int) -> am.Appointment:
    return appointment(
        f"A{n}",
        _slot(random),
        number=f"APP-{n}",
        profile_id="P1" if n == 0 else random.choice(("P1", "P1", "P1", *PROFILES)),
        customer_id=random.choice(CUSTOMERS),
        status=random.choice(("booked", "booked", "booked", "held", "cancelled", "completed")),
        replaces=f"A{random.randrange(n)}" if n and random.random() < 0.1 else None,
    )


def _asked_access(random: Random, n: int) -> am.AccessRequest:
    return access_request(
        f"Q{n}",
        profile_id=random.choice(PROFILES),
        customer_id=random.choice(CUSTOMERS),
        requested_at=NOON - timedelta(days=2),
        expires_at=NOON + timedelta(days=random.choice((*[1, 3] * 4, -1))),
        status=random.choice((*["pending"] * 9, "denied", "approved", "withdrawn")),
    )


# What is asked


def _migration(random: Random, _: am.Snapshot) -> Any:
    return request(
        new_email=random.choice((*[NEW] * 9, *ADDRESSES)),
        ticket=random.choice(("T-1", "T-1", "T-2")),
        numbers=random.choice((*[{}] * 6, {"A0": "APP-900"}, {"A0": "APP-1"})),
    )


def _merge(random: Random, _: am.Snapshot) -> Any:
    survivor, *absorbed = random.sample(CUSTOMERS, random.choice((2, 2, 3)))
    return am.MergeRequest(survivor=survivor, absorbed=absorbed, actor="P1")


def _access_request(random: Random, _: am.Snapshot) -> Any:
    return am.customers.NewAccessRequest(
        profile_id=random.choice(("P2", "P2", "P3", "Q1", *PROFILES)),
        customer_id=random.choice(CUSTOMERS),
        expires_at=NOON + timedelta(days=random.choice((1, 3))),
    )


def _access_decision(random: Random, snapshot: am.Snapshot) -> Any:
    row = snapshot.access_requests["Q0"]
    signs_in = bool(snapshot.customers[row.customer_id].primary_mailboxes)
    return am.customers.AccessDecision(
        request_id=row.id,
        decision=random.choice((*["approve"] * 6, "deny", "withdraw")),
        role="customer" if signs_in else "staff",
        by=row.customer_id,
    )


def _primary_email(random: Random, snapshot: am.Snapshot) -> Any:
    id = random.choice(CUSTOMERS)
    known = [email.address.text for email in snapshot.customers[id].emails]
    action = random.choice(("clear", "set", "set", "correct", "release") if known else ("set",))
    address = (
        random.choice(known)
        if known and random.random() < 0.7
        else random.choice(("a", "b")) + "@home.example"
    )
    return am.customers.PrimaryEmailChange(
        customer_id=id, action=action, address=address, by="Ann Example", reason="asked"
    )


def _customer_edit(random: Random, _: am.Snapshot) -> Any:
    changes = {
        "given_name": random.choice(("Ann", "Beth", None)),
        "phones": random.choice(([], ["1"])),
        "add_emails": random.choice(([], ["a@home.example"])),
    }
    return am.customers.CustomerEdit(customer_id=random.choice(CUSTOMERS), changes=changes)


def _rebooking(random: Random, snapshot: am.Snapshot) -> Any:
    same = snapshot.appointments["A0"].slot.start
    other = NOON + timedelta(minutes=random.choice((60, 90, 120, 240, 1440, 600)))
    return am.rebooking.RebookingRequest(
        number="APP-0",
        initials="AE",
        start=random.choice((same, same, other)) if same > NOON else other,
        time_zone="UTC",
        modality="video",
        old_email="P1@example.com",
        new_email=snapshot.profiles["P2"].email.text,
    )


_ASKED: dict[str, Callable[[Random, am.Snapshot], Any]] = {
    "migration": _migration,
    "merge": _merge,
    "access_request": _access_request,
    "access_decision": _access_decision,
    "primary_email": _primary_email,
    "customer_edit": _customer_edit,
    "rebooking": _rebooking,
}


# What happened before


def _likely(case: Aimed) -> Aimed:
    """Return a case in which all that a named person may accept is accepted."""
    return case if case.plan().is_ready else accepted(case)


def _planned_rows(case: Aimed) -> list[Any]:
    """Return each image that the plan of a case makes or touches; those that are new first of all."""
    steps = _likely(case).plan().change_set.steps
    edits = [edit for step in steps for edit in step.edits]
    new = [edit.after for edit in edits if edit.before is None]
    return new * 4 + [
        row for edit in edits for row in (edit.before, edit.before, edit.after) if row is not None
    ]


def _begun(case: Aimed, random: Random) -> Aimed:
    """Return a case of which a part was applied before, often with another address or at another instant."""
    if random.random() < 0.4:
        return case
    before = case
    if isinstance(case.request, am.MigrationRequest) and random.random() < 0.5:
        before = attrs.evolve(case, request=attrs.evolve(case.request, new_email=random.choice(ADDRESSES)))
    change_set = _likely(before).plan().change_set
    if change_set.blocked or not change_set.steps:
        return case
    part = confirmed(change_set).prefix(random.randint(1, len(change_set.steps)))
    if len(change_set.steps) == 1 and random.random() < 0.5:
        return case
    return attrs.evolve(case, snapshot=am.apply(case.snapshot, part), applied=part)


def _changed_by_hand(case: Aimed, rows: list[Any], random: Random) -> Aimed:
    """Return a case with one row written by hand: as planned, under a planned id, or one that a plan touches."""
    if case.applied is not None and random.random() < 0.6:
        edits = [edit for step in case.applied.wanted_steps for edit in step.edits]
        tables = ((edit, case.snapshot.table(KIND_OF_NAME[edit.entity].collection)) for edit in edits)
        rows = [table[edit.id] for edit, table in tables if edit.id in table] or rows
    if not rows:
        return case
    row = random.choice(rows)
    changes = _BY_HAND[kind_of(row).name]
    names = random.sample(sorted(changes), random.choice((0, 1, 1, 1, 2)))
    row = attrs.evolve(row, **{name: random.choice(tuple(changes[name](case))) for name in names})
    try:
        return case.put(_referring(case.snapshot, row, random))
    except am.LoadError:
        return case


def _referring(snapshot: am.Snapshot, row: Any, random: Random) -> Any:
    """Return a row that refers only to what is there."""
    changes: dict[str, Any] = {}
    for field, name in KIND_OF_CLASS[type(row)].references:
        table = snapshot.table(KIND_OF_NAME[name].collection)
        target = getattr(row, field)
        if target is not None and target not in table:
            is_needed = field in ("profile_id", "customer_id")
            changes[field] = random.choice(sorted(other.id for other in table)) if is_needed else None
    return attrs.evolve(row, **changes)


def _ids(name: str, *others: Any) -> Callable[[Aimed], Iterable[Any]]:
    return lambda case: (
        *others,
        *sorted(row.id for row in case.snapshot.table(KIND_OF_NAME[name].collection)),
    )


def _of(*values: Any) -> Callable[[Aimed], Iterable[Any]]:
    return lambda _: values


_BY_HAND: dict[str, dict[str, Callable[[Aimed], Iterable[Any]]]] = {
    "profile": {
        "email": _of(*ADDRESSES),
        "login": _of("enabled", "disabled"),
        "schedule": _of("pending", "active", "inactive"),
        "practitioner_id": _of("H1", "H1", "H2"),
        "succeeded_by": _ids("profile", None, None),
    },
    "appointment": {
        "profile_id": _ids("profile"),
        "customer_id": _ids("customer"),
        "status": _of("held", "booked", "cancelled", "completed", "missed"),
        "slot": _of(*(_slot(Random(n)) for n in range(5))),  # noqa: S311
        "replaces": _ids("appointment", None, None, None),
        "replaced_by": _ids("appointment", None, None, None),
        "modality": _of("phone", "video"),
        "number": _of(None, "APP-77"),
    },
    "access": {
        "profile_id": _ids("profile"),
        "customer_id": _ids("customer"),
        "level": _of("treating", "viewing"),
        "since": _of(None, NOON - timedelta(days=9)),
    },
    "access_request": {
        "profile_id": _ids("profile"),
        "customer_id": _ids("customer"),
        "status": _of("pending", "approved", "denied", "withdrawn"),
        "requested_at": _of(NOON, NOON - timedelta(days=3)),
        "expires_at": _of(NOON + timedelta(days=1), NOON - timedelta(days=1)),
    },
    "customer": {
        "emails": _of(
            (),
            (am.CustomerEmail("a@home.example", "primary"),),
            (am.CustomerEmail("b@home.example", "former"), am.CustomerEmail("a@home.example", "secondary")),
        ),
        "status": _of("active", "disabled"),
        "merged_into": _ids("customer", None, None),
        "phones": _of((), ("1",)),
    },
    "record": {
        "customer_id": _ids("customer"),
        "profile_id": _ids("profile", None),
        "attached_to": _ids("record", None, None),
        "kind": _of("note", "card"),
        "data": _of(am.model.FrozenJson.of({}), am.model.FrozenJson.of({"number": 1})),
    },
}
