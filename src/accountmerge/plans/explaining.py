"""Derive an explanation from a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from accountmerge.changes.change_sets import LEDGER_RULES, ChangeSet, LedgerEntry
from accountmerge.changes.steps import Step
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts, ids_in
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import EMAIL_USES, mailbox_of
from accountmerge.model.entities import Entity, EntityName
from accountmerge.model.instants import rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.values import ShownValue, value_class
from accountmerge.plans.explanations import Cause, Explanation
from accountmerge.plans.mentions import Mentions, ends_of_edits, mentions_of, told_steps

SHOWN_IDS = 5
"""How many ids a line names before it only counts, about one line."""

ABOUT_ADDRESSES = frozenset(
    {
        "email_claimed",
        "email_claimed_twice",
        "email_in_use",
        "email_invalid",
        "email_malformed",
        "email_same",
        "email_shared_name_space",
        "email_unknown",
        "no_primary_email",
        "two_primary_emails",
    }
)
"""The findings about the addresses with which people sign in."""


@runtime_checkable
class FieldRuling(Protocol):
    """Rules that decide which value of a field survives."""

    @property
    def title(self) -> str:
        """The name and the version of the rules."""

    def field_rule(self, field: str) -> FieldDecision:
        """Return the rule for a field."""


class FieldDecision(Protocol):
    """The rule for one field."""

    @property
    def policy(self) -> str:
        """The name of its policy."""


@value_class(eq=False, repr=False)
class _Asked(ShownValue):
    """The sources of an explanation."""

    change_set: ChangeSet
    findings: tuple[Finding, ...]
    rules: object


def explained(
    change_set: ChangeSet, asked: str, *, findings: Iterable[Finding] = (), rules: object = None
) -> Explanation:
    """Explain the end of one thing or address, with its reasons.

    Takes time in proportion to the edits and guards of the change set.
    """
    source = _Asked(change_set, tuple(findings), rules)
    mentions = mentions_of(change_set, asked, source.findings)
    if mentions.is_any:
        return _of_id(source, mentions)
    if holders(change_set, asked):
        return _of_address(source, asked)
    causes = (Cause.of("untouched"), *_state(change_set), *_scope(change_set))
    return Explanation(subjects=(), causes=causes)


def _of_id(source: _Asked, mentions: Mentions) -> Explanation:
    id = mentions.id
    ledger = tuple(entry for entry in source.change_set.ledger if id in (entry.id, entry.from_id))
    findings = tuple(finding for finding in source.findings if id in finding.ids)
    causes = [*_outcomes(mentions), *_endings(source, mentions), *_step_causes(source, mentions)]
    causes += [*_around(source, mentions.edited_in, {id}, ledger, findings)]
    subjects = tuple((entity, id) for entity in mentions.entities)
    return Explanation(
        subjects=subjects,
        causes=tuple(causes),
        steps=mentions.edited_in,
        ledger=ledger,
        findings=findings,
    )


def _of_address(source: _Asked, address: str) -> Explanation:
    """Explain who has an address before and after the plan, and which profiles it names."""
    subjects = holders(source.change_set, address)
    ids = {id for _, id in subjects}
    uses = tuple(address_causes(source.change_set, address))
    causes = [Cause.of("address_held", ids=tuple(id for _, id in subjects)), *uses]
    steps = {cause.step for cause in uses if cause.step is not None}
    for entity, id in subjects:
        if entity == "profile":
            mentions = mentions_of(source.change_set, id, (), entity)
            causes += [*_outcomes(mentions), *_endings(source, mentions), *_step_causes(source, mentions)]
            steps.update(mentions.edited_in)
    for step in source.change_set.steps:
        if any(cause.step == step.ordinal for cause in uses):
            causes.append(Cause(f"reason.{step.reason.code}", step.reason.facts, step.ordinal))
    ledger = tuple(e for e in source.change_set.ledger if e.field == "emails" and {e.id, e.from_id} & ids)
    findings = tuple(f for f in source.findings if f.code in ABOUT_ADDRESSES and ids & {*f.ids})
    ordinals = tuple(sorted(steps))
    causes += _around(source, ordinals, ids, ledger, findings)
    return Explanation(
        subjects=subjects, causes=tuple(causes), steps=ordinals, ledger=ledger, findings=findings
    )


def _around(
    source: _Asked,
    steps: tuple[int, ...],
    ids: set[str],
    ledger: Iterable[LedgerEntry],
    findings: Iterable[Finding],
) -> Iterator[Cause]:
    """Yield the causes of a thing other than the steps that edit it."""
    yield from _ledger_causes(ledger)
    yield from _finding_causes(findings)
    yield from _obligation_causes(source, ids)
    yield from _state(source.change_set)
    through = source.change_set.through
    if through is not None and any(ordinal > through for ordinal in steps):
        yield Cause.of("not_applied", through=through)
    if not steps:
        yield from _scope(source.change_set)


def _outcomes(mentions: Mentions) -> Iterator[Cause]:
    """Yield whether a thing is created, changed, removed or only read, for each kind with the id."""
    for entity, edits in mentions.edits.items():
        first, last = ends_of_edits(edits)
        steps = told_steps(mentions.edited_in)
        if first is None:
            yield Cause.of("created", entity=entity, id=mentions.id, steps=steps)
        elif last is None:
            yield Cause.of("removed", entity=entity, id=mentions.id, steps=steps)
        else:
            fields = tuple(dict.fromkeys(name for edit in edits for name in edit.changed_fields))
            yield Cause.of("changed", entity=entity, id=mentions.id, fields=fields, steps=steps)
    if not mentions.edits and mentions.read_in:
        yield Cause.of("read", id=mentions.id, steps=told_steps(mentions.read_in))
    elif not mentions.edits:
        yield Cause.of("named", id=mentions.id)


def _endings(source: _Asked, mentions: Mentions) -> Iterator[Cause]:
    for edits in mentions.edits.values():
        yield from ending_causes(source.change_set, *ends_of_edits(edits))


def _step_causes(source: _Asked, mentions: Mentions) -> Iterator[Cause]:
    """Yield the reason of each step that edits a thing, with the rules that decided its fields."""
    wanted = set(mentions.edited_in)
    for step in source.change_set.steps:
        if step.ordinal not in wanted:
            continue
        yield Cause(f"reason.{step.reason.code}", step.reason.facts, step.ordinal)
        if isinstance(source.rules, FieldRuling):
            fields = dict.fromkeys(_ruled_fields(step, str(source.change_set.request.value.get("survivor"))))
            yield from (_ruled(source.rules, field) for field in fields)
    if mentions.tolerated_in:
        yield Cause.of("tolerated", id=mentions.id, steps=told_steps(mentions.tolerated_in))


def _ruled_fields(step: Step, survivor_id: str) -> Iterator[str]:
    """Yield the fields of the survivor that a step of a merge decides by the rules."""
    for edit in step.edits:
        if step.kind == "merge_fields" or (
            step.kind == "retire_customers" and (edit.entity, edit.id) == ("customer", survivor_id)
        ):
            yield from edit.changed_fields


def _ruled(rules: FieldRuling, field: str) -> Cause:
    """Return the rule that decided a field. An attribute has no name here, because names may be personal."""
    ruled = field not in ("opt_outs", "former_record_numbers")  # these are a union under all rules
    policy = rules.field_rule(field).policy if ruled else "union"
    return Cause.of("field_ruled", field=field, policy=policy, rules=rules.title)


def _ledger_causes(ledger: Iterable[LedgerEntry]) -> Iterator[Cause]:
    """Yield one cause for all lost values of one rule and one origin, and the rule."""
    groups: dict[tuple[str, str, str], list[LedgerEntry]] = {}
    for entry in ledger:
        groups.setdefault((entry.rule, entry.entity, entry.from_id), []).append(entry)
    for (rule, entity, from_id), entries in groups.items():
        ids = tuple(dict.fromkeys(entry.id for entry in entries))
        shown = (*ids[:SHOWN_IDS], *(["…"] if len(ids) > SHOWN_IDS else []))
        fields = tuple(dict.fromkeys(entry.field for entry in entries))
        yield Cause.of("lost", entity=entity, ids=shown, fields=fields, from_id=from_id, count=len(entries))
        if rule in LEDGER_RULES:
            yield Cause(f"rule.{rule}", Facts())


def _finding_causes(findings: Iterable[Finding]) -> Iterator[Cause]:
    for finding in findings:
        yield Cause(f"finding.{finding.code}", finding.facts)
        if finding.accepted is not None:
            yield Cause.of("accepted", finding=finding.id)


def _obligation_causes(source: _Asked, ids: set[str]) -> Iterator[Cause]:
    for obligation in source.change_set.obligations:
        if ids.intersection(ids_in(obligation.facts)):
            yield Cause(f"obligation.{obligation.kind}", obligation.facts)


def _state(change_set: ChangeSet) -> list[Cause]:
    """Return why no step is left, if so."""
    if change_set.blocked:
        return [Cause.of("blocked", codes=change_set.blocked)]
    return [] if change_set.steps else [Cause.of("nothing_left")]


def _scope(change_set: ChangeSet) -> list[Cause]:
    """Return which data a plan of this kind changes, so that a reader sees why the others stay."""
    request = change_set.request.value
    request = request if isinstance(request, dict) else {}
    if change_set.intent == "migration":
        profile_id = str(request.get("profile_id", ""))
        return [Cause.of("scope_migration", profile_id=profile_id, at=rfc3339(change_set.at))]
    if change_set.intent == "merge":
        absorbed = request.get("absorbed", ())
        ids = tuple(map(str, absorbed)) if isinstance(absorbed, list) else ()
        return [Cause.of("scope_merge", survivor_id=str(request.get("survivor", "")), absorbed_ids=ids)]
    return [Cause.of("scope_request")]


def ending_causes(change_set: ChangeSet, first: Entity | None, last: Entity | None) -> Iterator[Cause]:
    """Yield the causes of the end of a thing, from its first and its last image."""
    match last:
        case Appointment():
            yield from _of_appointment(last)
        case Record():
            yield from _of_record(first, last)
        case Access():
            yield Cause.of(
                "access_ends", profile_id=last.profile_id, customer_id=last.customer_id, level=last.level
            )
        case AccessRequest():
            yield Cause.of("request_ends", status=last.status)
        case Customer():
            yield from _of_customer(first, last)
        case Profile():
            yield Cause.of("profile_ends", login=last.login, schedule=last.schedule)
            if last.succeeded_by is not None:
                yield Cause.of("succeeded", successor_id=last.succeeded_by)
        case None:
            if isinstance(first, Access):
                yield from _goes_on(change_set, first)


def _of_appointment(last: Appointment) -> Iterator[Cause]:
    facts = {"profile_id": last.profile_id, "customer_id": last.customer_id, "status": last.status}
    yield Cause.of("booking_ends", **facts)
    if last.replaced_by is not None:
        yield Cause.of("replaced", replaced_by=last.replaced_by)
    if last.replaces is not None:
        yield Cause.of("replaces", replaces=last.replaces)


def _of_record(first: Entity | None, last: Record) -> Iterator[Cause]:
    yield Cause.of("record_ends", customer_id=last.customer_id)
    before = first.profile_id if isinstance(first, Record) else None
    if last.profile_id is not None and last.profile_id != before:
        yield Cause.of("record_handed_over", profile_id=last.profile_id)


def _of_customer(first: Entity | None, last: Customer) -> Iterator[Cause]:
    yield Cause.of("customer_ends", status=last.status)
    if last.merged_into is not None:
        yield Cause.of("absorbed", survivor_id=last.merged_into)
    if not isinstance(first, Customer) or first.emails != last.emails:
        primary = sum(email.use == "primary" for email in last.emails)
        yield Cause.of("emails_end", count=len(last.emails), primary=primary)


def _goes_on(change_set: ChangeSet, gone: Access) -> Iterator[Cause]:
    """Yield the new row of the access that a removed row gave, if a step writes one."""
    for step in change_set.steps:
        for edit in step.edits:
            after = edit.after
            if isinstance(after, Access) and after.profile_id == gone.profile_id:
                facts = {"profile_id": after.profile_id, "customer_id": after.customer_id}
                yield Cause.of("access_goes_on", step.ordinal, id=after.id, level=after.level, **facts)


NO_USE = "none"
"""The use of an address at a customer who does not have it."""


def holders(change_set: ChangeSet, address: str) -> tuple[tuple[EntityName, str], ...]:
    """Return the profiles and customers that have an address before or after any edit, in order."""
    mailbox = mailbox_of(address)
    holders: dict[tuple[EntityName, str], None] = {}
    for step in change_set.steps:
        for edit in step.edits:
            if any(_holds(image, mailbox) for image in (edit.before, edit.after)):
                holders[edit.key] = None
    return tuple(sorted(holders))


def address_causes(change_set: ChangeSet, address: str) -> Iterator[Cause]:
    """Yield each change of the use of an address, or its use at a customer without a change."""
    mailbox = mailbox_of(address)
    changed, kept = set(), {}
    for step in change_set.steps:
        for edit in step.edits:
            before, after = (_use(image, mailbox) for image in (edit.before, edit.after))
            if before != after:
                changed.add(edit.id)
                yield Cause.of("email_use", step.ordinal, id=edit.id, before=before, after=after)
            elif before != NO_USE:
                kept[edit.id] = before
    for id, use in kept.items():
        if id not in changed:
            yield Cause.of("email_kept", id=id, use=use)


def _holds(image: Entity | None, mailbox: str) -> bool:
    return image.mailbox == mailbox if isinstance(image, Profile) else _use(image, mailbox) != NO_USE


def _use(image: Entity | None, mailbox: str) -> str:
    """Return the strongest use that a customer has of a mailbox."""
    emails = image.emails if isinstance(image, Customer) else ()
    uses = {email.use for email in emails if email.address.mailbox == mailbox}
    return min(uses, key=EMAIL_USES.index, default=NO_USE)
