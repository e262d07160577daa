"""What becomes of a person's own values: each is the survivor's once, or in the ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from oracles.conservation.outcomes import Loss, Outcome, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.emails import CustomerEmail

SCALARS = ("given_name", "family_name", "birth_date", "address")
NAMES = ("given_name", "family_name")
USES = ("primary", "secondary", "former")


def emails(outcome: Outcome) -> Iterator[Loss]:
    """Every mailbox is the survivor's once, with its strongest use but for cleared primaries, and its login."""
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
    outcome: Outcome, now: CustomerEmail, same: list[tuple[str, CustomerEmail]], listed: set[str]
) -> Iterator[Loss]:
    """Check one mailbox: its use, its spelling, and whose login it was."""
    was = [("former" if one.use == "primary" != now.use else one.use) for _, one in same]
    if now.use != min(was, key=USES.index):
        yield "use", now.use
    if now.use == "secondary" and "former" in was and now.login_of is None:
        yield "was a login", now.use
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
                yield "login", owner


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
