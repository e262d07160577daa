"""Conservation: what a merge lost, doubled or touched without need, found on the result by brute force.

Shares nothing with the planner but the values of the model. Everything that belonged to the people who became
one must have exactly one live home on the survivor, or an entry in the ledger that says why not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

Loss = tuple[object, ...]

SCALARS = ("given_name", "family_name", "birth_date", "address")
NAMES = ("given_name", "family_name")
USES = ("primary", "secondary", "former")
LEVELS = ("viewing", "treating")


@attrs.frozen
class Outcome:
    """A merge and its result."""

    before: am.Snapshot
    survivor: str
    absorbed: tuple[str, ...]
    after: am.Snapshot
    ledger: Sequence[am.LedgerEntry]

    def people(self) -> Iterator[am.Customer]:
        """Yield everybody who became one, as they were."""
        for id in (self.survivor, *self.absorbed):
            yield self.before.customers[id]

    def home(self, customer_id: str) -> str:
        """Return who has what a customer had."""
        return self.survivor if customer_id in self.absorbed else customer_id

    def entries(self, entity: str, field: str) -> list[tuple[str, str, str]]:
        """Return the entries of the ledger about a field: whose, from whom, and what, as JSON."""
        return [
            (entry.id, entry.from_id, text(entry.value.value))
            for entry in self.ledger
            if (entry.entity, entry.field) == (entity, field)
        ]


def text(value: Any) -> str:
    """Return a value by JSON type and value, so that `0` is not `false`, and `1.0` is `1`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def not_conserved(
    before: am.Snapshot,
    survivor: str,
    absorbed: Collection[str],
    after: am.Snapshot,
    ledger: Sequence[am.LedgerEntry],
) -> set[Loss]:
    """Return what a merge lost, doubled, made up or touched without need; nothing if it conserved all.

    Args:
        before: The data before.
        survivor: Who stays.
        absorbed: Who was merged into it.
        after: The data afterwards.
        ledger: What the plan says did not survive.
    """
    outcome = Outcome(before, survivor, tuple(sorted(absorbed)), after, ledger)
    return {(check.__name__, *loss) for check in CHECKS for loss in check(outcome)}


def bookings(outcome: Outcome) -> Iterator[Loss]:
    """Every appointment of every status is there as it was, with the survivor in the place of the absorbed."""
    wanted = {
        row.id: attrs.evolve(row, customer_id=outcome.home(row.customer_id))
        for row in outcome.before.appointments
    }
    found = {row.id: row for row in outcome.after.appointments}
    yield from ((id,) for id in wanted.keys() | found.keys() if wanted.get(id) != found.get(id))


def _at_home(outcome: Outcome, row: am.Record) -> am.Record:
    related = row.related_customer_id
    if row.customer_id not in outcome.absorbed and related not in outcome.absorbed:
        return row
    return attrs.evolve(
        row,
        customer_id=outcome.home(row.customer_id),
        related_customer_id=None if related is None else outcome.home(related),
    )


def _dropped(outcome: Outcome) -> set[str]:
    return {row.id for row in outcome.before.records} - {row.id for row in outcome.after.records}


def records(outcome: Outcome) -> Iterator[Loss]:
    """Every record is there as it was, or a ledger entry holds all of it and another one says the same."""
    entries = outcome.entries("record", "record")
    kept = {row.id: row for row in outcome.after.records}
    yield from (("made up", id) for id in kept.keys() - {row.id for row in outcome.before.records})
    for row in outcome.before.records:
        listed = [entry for entry in entries if entry[0] == row.id]
        if kept.get(row.id) is row and not listed and _at_home(outcome, row) is row:
            continue
        if row.id in kept:
            wanted = attrs.evolve(_at_home(outcome, row), attached_to=kept[row.id].attached_to)
            if kept[row.id] != wanted:
                yield "altered", row.id
            if listed:
                yield "doubled", row.id
        elif listed != [(row.id, row.customer_id, text(_written(row)))]:
            yield "lost", row.id
        elif not _has_reason(outcome, row):
            yield "dropped without need", row.id


def _written(row: am.Record) -> dict[str, Any]:
    """Write a record as files do, by hand."""
    plain = {field.name: getattr(row, field.name) for field in attrs.fields(am.Record)}
    plain["created_at"] = row.created_at.isoformat().replace("+00:00", "Z") if row.created_at else None
    data = {} if row.data is None else {"data": row.data.value}
    return {name: value for name, value in plain.items() if name != "data" and value is not None} | data


def _has_reason(outcome: Outcome, row: am.Record) -> bool:
    """Tell whether a record may be dropped: it tied people who became one, or another one stands for it."""
    merged = {outcome.survivor, *outcome.absorbed}
    if merged.isdisjoint((row.customer_id, row.related_customer_id)):
        return False
    ends = (row.customer_id, row.related_customer_id)
    if row.kind == "relation" and ends[0] != ends[1] and merged.issuperset(ends):
        return True
    return any(_stands_for(other, _at_home(outcome, row)) for other in outcome.after.records)


def _stands_for(kept: am.Record, row: am.Record) -> bool:
    same = (kept.kind, kept.customer_id, kept.unique_key) == (row.kind, row.customer_id, row.unique_key)
    if row.kind == "relation":
        return same and (kept.related_customer_id, kept.data) == (row.related_customer_id, row.data)
    return same


def relations(outcome: Outcome) -> Iterator[Loss]:
    """Nobody is related to who they are, nor twice in the same way, if they were not before."""
    ties: Counter[tuple[object, ...]] = Counter()
    came: set[tuple[object, ...]] = set()
    for row in outcome.after.records:
        ends = (row.customer_id, row.related_customer_id)
        if row.kind != "relation" or row.related_customer_id is None or outcome.survivor not in ends:
            continue
        was = outcome.before.records[row.id]
        if ends[0] == ends[1] and was.customer_id != was.related_customer_id:
            yield "to oneself", row.id
        tie = (*ends, row.unique_key, row.data)
        ties[tie] += 1
        if (was.customer_id, was.related_customer_id) != ends:
            came.add(tie)
    yield from (("twice", str(tie[0])) for tie in came if ties[tie] > 1)


def attachments(outcome: Outcome) -> Iterator[Loss]:
    """What hung on a record that is kept hangs there still; the rest hangs on what stands for it, or is listed."""
    gone, entries = _dropped(outcome), outcome.entries("record", "attached_to")
    was_in_a_circle = _circling(outcome.before)
    yield from (("circle", id) for id in _circling(outcome.after) - was_in_a_circle)
    for row in outcome.after.records:
        was = outcome.before.records[row.id].attached_to
        if was is row.attached_to is None:
            continue
        listed = (row.id, outcome.before.records[row.id].customer_id, text(was)) in entries
        if was not in gone:
            if row.attached_to != was or listed:
                yield "changed", row.id
        elif row.attached_to is None:
            if not listed:
                yield "lost", row.id
        else:
            target = _at_home(outcome, outcome.before.records[was or ""])
            if listed or not _stands_for(outcome.after.records[row.attached_to], target):
                yield "astray", row.id


def _circling(snapshot: am.Snapshot) -> set[str]:
    """Return the records that hang on themselves, by however many others."""
    found = set()
    hanging = {row.id: row.attached_to for row in snapshot.records if row.attached_to is not None}
    for start in hanging:
        path = [start]
        while (onward := hanging.get(path[-1])) and onward not in path:
            path.append(onward)
        if onward == start:
            found.add(start)
    return found


def access(outcome: Outcome) -> Iterator[Loss]:
    """Whoever saw one of them sees the survivor at least as well and as early; nobody else does."""
    merged = (outcome.survivor, *outcome.absorbed)
    held = [row for row in outcome.before.access if row.customer_id in merged]
    now = [row for row in outcome.after.access if row.customer_id in merged]
    others = {row for row in outcome.before.access if row.customer_id not in merged}
    if others != {row for row in outcome.after.access if row.customer_id not in merged}:
        yield ("of others",)
    for row in held:
        same = [other for other in now if other.profile_id == row.profile_id]
        if not any(LEVELS.index(other.level) >= LEVELS.index(row.level) for other in same):
            yield "level", row.id
        if row.since and not any(other.since and other.since <= row.since for other in same):
            yield "since", row.id
    for row in now:
        same = [other for other in held if other.profile_id == row.profile_id]
        if not any(LEVELS.index(other.level) >= LEVELS.index(row.level) for other in same):
            yield "gained", row.id
        if row.since and row.since not in [other.since for other in same]:
            yield "made up", row.id
    had = Counter(row.profile_id for row in held if row.customer_id == outcome.survivor)
    has = Counter(row.profile_id for row in now)
    yield from (("doubled", profile) for profile, count in has.items() if count > max(1, had[profile]))
    yield from _unlisted_access(outcome, held, now)


def _unlisted_access(outcome: Outcome, held: list[am.Access], now: list[am.Access]) -> Iterator[Loss]:
    listed = {id for id, _, _ in outcome.entries("access", "access")}
    live = {(row.profile_id, row.level, row.since) for row in now}
    for row in held:
        if (row.profile_id, row.level, row.since) not in live and row.id not in listed:
            yield "lost", row.id
        if row in outcome.after.access and row.id in listed:
            yield "doubled", row.id


def requests(outcome: Outcome) -> Iterator[Loss]:
    """What was decided stays; what waits for an absorbed customer's answer is withdrawn, nothing is asked anew."""
    wanted = {row.id: row for row in outcome.before.access_requests}
    found = {row.id: row for row in outcome.after.access_requests}
    for id in wanted.keys() | found.keys():
        row, now = wanted.get(id), found.get(id)
        if row is None or now is None:
            yield (id,)
        elif row.status == "pending" and row.customer_id in outcome.absorbed:
            decided: Any = {"reason": now.reason, "decided_by": now.decided_by, "decided_at": now.decided_at}
            if now != attrs.evolve(row, status="withdrawn", **decided) or not now.reason:
                yield (id,)
        elif now != row:
            yield (id,)


def emails(outcome: Outcome) -> Iterator[Loss]:
    """Every mailbox is the survivor's once, with its strongest use but for cleared primaries, and its log-in."""
    held = [(owner.id, email) for owner in outcome.people() for email in owner.emails]
    now = outcome.after.customers[outcome.survivor].emails
    mailboxes = Counter(email.address.mailbox for email in now)
    if mailboxes != Counter({email.address.mailbox for _, email in held}):
        yield ("mailboxes",)
        return
    signs_in = [email.address.mailbox for email in now if email.use == "primary"]
    primaries = {email.address.mailbox for _, email in held if email.use == "primary"}
    if len(signs_in) != min(1, len(primaries)) or not primaries.issuperset(signs_in):
        yield ("primary",)
    spelled = {value for _, _, value in outcome.entries("customer", "emails")}
    for email in now:
        same = [(owner, one) for owner, one in held if one.address.mailbox == email.address.mailbox]
        yield from _mailbox(outcome, email, same, spelled)


def _mailbox(
    outcome: Outcome, now: am.CustomerEmail, same: list[tuple[str, am.CustomerEmail]], listed: set[str]
) -> Iterator[Loss]:
    """Check one mailbox: its use, its spelling, and whose log-in it was."""
    was = [("former" if one.use == "primary" != now.use else one.use) for _, one in same]
    if now.use != min(was, key=USES.index):
        yield "use", now.use
    if now.use == "secondary" and "former" in was and now.login_of is None:
        yield "was a log-in", now.use
    for owner, one in same:
        if one.address.text != now.address.text and text(one.address.text) not in listed:
            yield "spelling", owner
        login = one.login_of
        if (
            login is None
            and owner != outcome.survivor
            and (one.use == "former" or one.use == "primary" != now.use)
        ):
            login = owner
        if login is not None and now.login_of != login:
            entry = text({"address": one.address.text, "login_of": login})
            if entry not in listed:
                yield "log-in", owner


def phones(outcome: Outcome) -> Iterator[Loss]:
    """Every number is the survivor's once, or listed."""
    now = Counter(outcome.after.customers[outcome.survivor].phones)
    had = Counter(outcome.before.customers[outcome.survivor].phones)
    entries = outcome.entries("customer", "phones")
    for owner in outcome.people():
        for phone in owner.phones:
            listed = (outcome.survivor, owner.id, text(phone)) in entries
            if (phone in now) == listed:
                yield ("doubled" if listed else "lost"), owner.id
    yield from (("twice",) for phone, count in now.items() if count > max(1, had[phone]))


def numbers(outcome: Outcome) -> Iterator[Loss]:
    """Every record number still finds the survivor, whose own is what it was."""
    was, now = outcome.before.customers[outcome.survivor], outcome.after.customers[outcome.survivor]
    if was.record_number != now.record_number:
        yield ("own",)
    known = {n for owner in outcome.people() for n in (owner.record_number, *owner.former_record_numbers)}
    if known != {now.record_number, *now.former_record_numbers}:
        yield ("known",)


def opt_outs(outcome: Outcome) -> Iterator[Loss]:
    """Opt-outs are a union."""
    if {entry for owner in outcome.people() for entry in owner.opt_outs} != set(
        outcome.after.customers[outcome.survivor].opt_outs
    ):
        yield ("union",)


def scalars(outcome: Outcome) -> Iterator[Loss]:
    """Every name, birth date and address is the survivor's, or listed; an absorbed customer's name is so once."""
    for field in SCALARS:
        now = _plain(getattr(outcome.after.customers[outcome.survivor], field))
        entries = outcome.entries("customer", field)
        for owner in outcome.people():
            value = _plain(getattr(owner, field))
            if value is None or (field in NAMES and owner.merged_into == outcome.survivor):
                continue
            if ((outcome.survivor, owner.id, text(value)) in entries) == (value == now):
                yield field, owner.id


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def attributes(outcome: Outcome) -> Iterator[Loss]:
    """Every attribute has its value, by JSON type, or the value is listed."""
    now = outcome.after.customers[outcome.survivor].attributes.value
    entries = outcome.entries("customer", "attributes")
    for owner in outcome.people():
        for name, value in owner.attributes.value.items():
            listed = (outcome.survivor, owner.id, text({name: value})) in entries
            if (name in now and text(now[name]) == text(value)) == listed:
                yield ("doubled" if listed else "lost"), owner.id


def absorbed_customers(outcome: Outcome) -> Iterator[Loss]:
    """An absorbed customer keeps id, record number and names, points at the survivor, and has nothing else."""
    for id in outcome.absorbed:
        was = outcome.before.customers[id]
        wanted = am.Customer(
            id=id,
            record_number=was.record_number,
            given_name=was.given_name,
            family_name=was.family_name,
            emails=(),
            status="disabled",
            merged_into=outcome.survivor,
            version=was.version,
        )
        if outcome.after.customers[id] != wanted:
            yield (id,)


def bystanders(outcome: Outcome) -> Iterator[Loss]:
    """Profiles and other customers are as they were; those absorbed earlier point at the survivor."""
    if outcome.before.profiles != outcome.after.profiles:
        yield ("profiles",)
    merged = {outcome.survivor, *outcome.absorbed}
    now = {row.id: row for row in outcome.after.customers}
    if {row.id for row in outcome.before.customers} != now.keys():
        yield ("customers",)
    for row in outcome.before.customers:
        wanted = (
            row if row.merged_into is None else attrs.evolve(row, merged_into=outcome.home(row.merged_into))
        )
        if row.id not in merged and now.get(row.id) != wanted:
            yield (row.id,)
    was, is_now = outcome.before.customers[outcome.survivor], now[outcome.survivor]
    if (was.status, was.merged_into, was.version) != (is_now.status, is_now.merged_into, is_now.version):
        yield ("survivor",)


def references(outcome: Outcome) -> Iterator[Loss]:
    """Nothing names an absorbed customer but history."""
    after = outcome.after
    rows: list[Any] = [*after.appointments, *after.records, *after.access, *after.customers]
    rows += [row for row in after.access_requests if row.status == "pending"]
    for row in rows:
        for field in ("customer_id", "related_customer_id", "merged_into"):
            if getattr(row, field, None) in outcome.absorbed:
                yield type(row).__name__, row.id


def unfounded_entries(outcome: Outcome) -> Iterator[Loss]:
    """Every entry names something that was there, and its owner."""
    for entry in outcome.ledger:
        table = {"customer": outcome.before.customers, "record": outcome.before.records}
        rows: Any = table.get(entry.entity, outcome.before.access)
        owner = getattr(rows.get(entry.id), "customer_id", entry.from_id)
        if entry.id not in rows or entry.from_id not in outcome.before.customers or owner != entry.from_id:
            yield entry.entity, entry.id
        if entry.entity == "customer" and entry.from_id not in {row.id for row in outcome.people()}:
            yield entry.entity, entry.id


CHECKS: tuple[Callable[[Outcome], Iterator[Loss]], ...] = (
    bookings,
    records,
    relations,
    attachments,
    access,
    requests,
    emails,
    phones,
    numbers,
    opt_outs,
    scalars,
    attributes,
    absorbed_customers,
    bystanders,
    references,
    unfounded_entries,
)
"""What is checked; each is named for what it looks at."""
