"""The e-mails that a merge moves to the survivor, and the choice of the primary one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Reason
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.customers import Customer
from accountmerge.model.emails import EMAIL_USES, CustomerEmail
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.values import Value, value_class
from accountmerge.plans.verdicts import Draft


@value_class(eq=False, repr=False)
class MergedEmails(Value):
    """The e-mails of the survivor after a merge.

    Attributes:
        primary: The mailbox of the survivor's login after the merge. None if no customer has a primary email.
        emails: The survivor's e-mails after the merge.
        ledger: Spellings that do not survive, and further former owners of a login.
    """

    primary: str | None
    emails: tuple[CustomerEmail, ...]
    ledger: tuple[LedgerEntry, ...]


def merged_emails(situation: MergeSituation) -> MergedEmails:
    """Return the survivor's e-mails after a merge, every mailbox once, with its strongest use."""
    primary = _kept_primary(situation)
    if not _are_coming(situation):
        return MergedEmails(primary, situation.survivor.emails, ())
    by_mailbox: dict[str, CustomerEmail] = {}
    ledger: list[LedgerEntry] = []
    for owner in situation.customers:
        for email in owner.emails:
            coming = _on_survivor(situation, owner, email, primary)
            present = by_mailbox.setdefault(email.address.mailbox, coming)
            by_mailbox[email.address.mailbox] = _combined(situation, present, coming)
            if present.address != coming.address:
                ledger.append(_lost(situation, owner, coming.address.text))
            if coming.login_of is not None and present.login_of not in (None, coming.login_of):
                login = {"address": coming.address.text, "login_of": coming.login_of}
                ledger.append(_lost(situation, owner, login))
    return MergedEmails(primary, tuple(sorted(by_mailbox.values())), tuple(ledger))


def _are_coming(situation: MergeSituation) -> bool:
    """Return whether there are e-mails to merge; after a completed merge, only later ones count."""
    return not situation.is_carried_out or any(customer.emails for customer in situation.absorbed)


def _kept_primary(situation: MergeSituation) -> str | None:
    """Return the mailbox that stays primary by the rules, or None."""
    order = situation.customers
    if situation.rules.kept_primary == "absorbed":
        order = (*situation.absorbed, situation.survivor)
    mailboxes = (email.address.mailbox for owner in order for email in owner.emails if email.use == "primary")
    return next(mailboxes, None)


def _on_survivor(
    situation: MergeSituation, owner: Customer, email: CustomerEmail, primary: str | None
) -> CustomerEmail:
    """Return an e-mail as the survivor has it; a primary one that is not kept becomes former."""
    cleared = email.use == "primary" and email.address.mailbox != primary
    use = "former" if cleared else email.use
    login_of = email.login_of
    if use == "former" and login_of is None and owner is not situation.survivor:
        login_of = owner.id
    return attrs.evolve(email, use=use, login_of=login_of)


def _combined(situation: MergeSituation, present: CustomerEmail, coming: CustomerEmail) -> CustomerEmail:
    """Return one entry for a mailbox, with the first spelling, the strongest use and the first `login_of`.

    A secondary one that was once a login without `login_of` names the survivor as its owner.
    """
    use = min(present.use, coming.use, key=EMAIL_USES.index)
    login_of = present.login_of or coming.login_of
    if use == "secondary" and login_of is None and "former" in (present.use, coming.use):
        login_of = situation.survivor.id
    return attrs.evolve(present, use=use, login_of=login_of)


def _lost(situation: MergeSituation, owner: Customer, value: Any) -> LedgerEntry:
    return LedgerEntry(
        entity="customer",
        id=situation.survivor.id,
        field="emails",
        value=FrozenJson.of(value),
        from_id=owner.id,
        rule="same_mailbox",
    )


def email_findings(situation: MergeSituation, merged: MergedEmails) -> Iterator[Finding]:
    """Yield the findings about the login of the survivor."""
    primaries: dict[str, set[str]] = {}
    for owner in situation.customers:
        for email in owner.emails:
            if email.use == "primary":
                primaries.setdefault(email.address.mailbox, set()).add(owner.id)
    if len(primaries) > 1 and situation.rules.kept_primary == "ask" and _are_coming(situation):
        ids = tuple(sorted({id for holders in primaries.values() for id in holders}))
        yield Finding.of("two_primary_emails", ids, customer_ids=ids)
    else:
        yield from _changed_hands(situation, merged)
    survivor = situation.survivor.id
    yield from _claimed_twice(situation, primaries | ({merged.primary: {survivor}} if merged.primary else {}))
    if merged.primary is None:
        yield Finding.of("no_primary_email", (survivor,), customer_id=survivor)
        return
    for profile in sorted(
        situation.snapshot.profiles.where("mailbox", merged.primary), key=lambda row: row.id
    ):
        ids = (profile.id, survivor)
        yield Finding.of("email_shared_name_space", ids, profile_id=profile.id, customer_ids=(survivor,))


def _changed_hands(situation: MergeSituation, merged: MergedEmails) -> Iterator[Finding]:
    """Yield a finding if the survivor will sign in with a login of another customer.

    A rule that chooses the login does not silence the finding, because another person may read the mailbox.
    """
    holders = changed_hands(situation, merged)
    if holders:
        survivor = situation.survivor.id
        severity: Severity = "blocker" if situation.rules.login_change == "block" else "warning"
        facts = Facts(survivor_id=survivor, customer_ids=holders)
        ids = tuple(
            row.id for row in situation.customers
        )  # all, so that it keeps its id while addresses move
        yield Finding.of("login_changes_hands", ids, severity, **facts)


def changed_hands(situation: MergeSituation, merged: MergedEmails) -> tuple[str, ...]:
    """Return the ids of the customers whose login the survivor takes over, sorted.

    Empty if the login is the survivor's alone.
    """
    holders = {
        owner.id
        for owner in situation.customers
        if any(email.use == "primary" and email.address.mailbox == merged.primary for email in owner.emails)
    }
    return () if holders == {situation.survivor.id} else tuple(sorted(holders))


def _claimed_twice(situation: MergeSituation, holders: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield a finding if customers outside the merge claim a mailbox too, once for the same customers.

    A mailbox that becomes former counts too, because an undo accepts the claims that were there before.
    """
    shared = {mailbox: claimed_elsewhere(situation, mailbox) for mailbox in holders}
    together = {tuple(sorted({*holders[mailbox], *others})) for mailbox, others in shared.items() if others}
    for ids in sorted(together):
        yield Finding.of("email_claimed_twice", ids, kind="customer", holder_ids=ids)


def claimed_elsewhere(situation: MergeSituation, mailbox: str) -> tuple[str, ...]:
    """Return the ids of the customers outside the merge that reserve a mailbox, sorted."""
    holders = situation.snapshot.customers.where("reserved_mailboxes", mailbox)
    merged = {customer.id for customer in situation.customers}
    return tuple(sorted({holder.id for holder in holders} - merged))


def email_drafts(situation: MergeSituation, merged: MergedEmails) -> Iterator[Draft]:
    """Yield the one step that moves the e-mails.

    An absorbed customer's login first becomes former, then the survivor gets it, then the absorbed customer is emptied.
    So two customers never have the same login, and every address always has an owner.
    """
    survivor = situation.survivor
    released, emptied = [], []
    for customer in situation.absorbed:
        former = attrs.evolve(customer, emails=tuple(_released(email) for email in customer.emails))
        if former != customer:
            released.append(Edit(customer, former))
        if customer.emails:
            emptied.append(Edit(former, attrs.evolve(former, emails=())))
    gained = attrs.evolve(survivor, emails=merged.emails)
    taken = [Edit(survivor, gained)] if gained != survivor else []
    if released or taken or emptied:
        facts = Facts(survivor_id=survivor.id, absorbed_ids=situation.absorbed_ids)
        yield Draft("transfer_emails", Reason("addresses_move", facts), (*released, *taken, *emptied))


def _released(email: CustomerEmail) -> CustomerEmail:
    return attrs.evolve(email, use="former") if email.use == "primary" else email
