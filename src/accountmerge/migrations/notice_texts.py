"""The notices that are sent about a migration, in the words of the practice."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.messages import Facts, labelled, moment_text, sentence, visible
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.requests import text_pairs
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.model.instants import from_microseconds, microseconds, rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.texts import LABEL, LINE, NOTE, plain_text
from accountmerge.model.value_rules import Rule, checked, listed
from accountmerge.model.values import Value, value_class
from accountmerge.model.wall_times import ZONE

NOTICE_FACTS: dict[str, frozenset[str]] = {
    "blackout_ahead": frozenset({"start", "end", "length", "new_email", "customer", "support_team"}),
    "manual_list": frozenset({"start", "end", "profile_id", "support_team"}),
    "new_login_open": frozenset({"new_email", "customer", "customer_service", "closed"}),
    "old_login_ends": frozenset({"closed", "new_email", "support_team"}),
}
"""The kinds of notice, and the placeholders that the subject and the body of each may have."""

NOTICE_TEXTS: dict[str, frozenset[str]] = {
    f"{kind}_{part}": facts for kind, facts in NOTICE_FACTS.items() for part in ("subject", "body")
}
"""The names of the practice's own texts, and the placeholders that each may have."""

Pairs = tuple[tuple[str, str], ...]
Given = Mapping[Any, str] | Iterable[tuple[str, str]]


def _pairs(given: Given, known: tuple[str, ...]) -> Pairs:
    """Return the texts of known names, sorted by name."""
    pairs = {plain_text(name): NOTE.check(text) for name, text in text_pairs(given)}
    if not pairs.keys() <= set(known):
        raise InvalidValueError("not_one_of", allowed=known)
    return tuple(sorted(pairs.items()))


def _contacts(given: Given) -> Pairs:
    return _pairs(given, ROLES)


def _texts(given: Given) -> Pairs:
    pairs = _pairs(given, tuple(NOTICE_TEXTS))
    for name, text in pairs:
        if not _placeholders(text) <= NOTICE_TEXTS[name]:
            allowed = tuple(sorted(NOTICE_TEXTS[name]))
            raise InvalidValueError("placeholder_unknown", name=name, allowed=allowed)
    return pairs


def _number_prefixes(prefixes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(LABEL.check(prefix) if prefix else "" for prefix in listed(prefixes)))


def _placeholders(text: str) -> set[str]:
    """Return the names in braces; an empty name for any braces without a plain name."""
    try:
        parts = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return {""}
    return {"" if layout or conversion else name or "" for name, layout, conversion in parts}


_ZONE_OR_EMPTY = Rule("zone_or_empty", lambda name: "" if name == "" else ZONE.check(name))


@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(customer_label=LINE, time_zone=_ZONE_OR_EMPTY),
)
class Wording(Value):
    """The words of a practice for its notices.

    Attributes:
        customer_label: The practice's word for a customer, in the singular, in the language of the notices.
            Default: the library's own word.
        contacts: The contact of each role, by role, such as an address or a phone number. Without one, the text names
            the role.
        time_zone: The IANA zone of the times shown. Default: the zone of the support team's business hours; without
            them that of the profile's hours, or UTC.
        texts: The practice's own texts, by the names in `NOTICE_TEXTS`, such as `blackout_ahead_subject`, with
            placeholders in braces.
        number_prefixes: The letters before the digits of an appointment number, in the order of trying. An empty one
            means that digits alone are a number. Default: `APP-` and `ASST-`.

    Raises:
        InvalidValueError: A role, a text, a placeholder or a zone is unknown, or a value is no text.
    """

    customer_label: str = ""
    contacts: Pairs = attrs.field(default=(), converter=_contacts)
    time_zone: str = ""
    texts: Pairs = attrs.field(default=(), converter=_texts)
    number_prefixes: tuple[str, ...] = attrs.field(default=("APP-", "ASST-"), converter=_number_prefixes)

    def __repr__(self) -> str:
        return f"Wording({len(self.contacts)} contacts, {len(self.texts)} texts)"


_DEFAULT_WORDING = Wording()
_MINUTE = 60_000_000  # microseconds
_HOUR = 60 * _MINUTE


@value_class(eq=False, repr=False, kw_only=True)
class Notice(Value):
    """One message to one role; its text may show the new e-mail, its `repr` does not.

    Attributes:
        role: The recipient.
        kind: One of `NOTICE_FACTS`.
        when: The latest instant to send it, in UTC.
        subject: The subject, one line.
        body: The text, with empty lines between paragraphs.
    """

    role: Role
    kind: str
    when: pendulum.DateTime
    subject: str
    body: str

    def __repr__(self) -> str:
        return f"Notice({self.role!r}, {self.kind!r})"


def notices(
    plan: MigrationPlan, wording: Wording = _DEFAULT_WORDING, language: str = "en"
) -> tuple[Notice, ...]:
    """Return the notices of a migration, in the order of sending.

    The practitioner reads of the blackout with its date and estimated length, of the new login, and of the end of the
    old one. Customer service reads when to use the list made by hand. A blocked plan has no notices, and a plan for the
    rest of a migration only those for the rest.

    Args:
        plan: The migration.
        wording: Contacts, labels and texts of the practice.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return tuple(_notice(plan, wording, language, role, kind, when) for role, kind, when in _occasions(plan))


def _occasions(plan: MigrationPlan) -> Iterator[tuple[Role, str, pendulum.DateTime]]:
    """Yield the role, the kind and the instant of each notice, for the obligations and the old login."""
    timeline, rules = plan.timeline, plan.rules
    announced, off, activated, closed = (
        timeline.phase(kind).at for kind in ("announced", "availability_off", "activation", "closed")
    )
    obliged = {obligation.kind for obligation in plan.change_set.obligations}
    if announced is not None and "announce_blackout" in obliged:
        yield "practitioner", "blackout_ahead", announced
    if off is not None and "list_availability" in obliged:
        yield "customer_service", "manual_list", off
    if activated is not None and closed is not None:
        if "tell_new_login" in obliged:
            yield "practitioner", "new_login_open", activated
        ahead = microseconds(closed) - rules.notice_hours * _HOUR
        yield "practitioner", "old_login_ends", from_microseconds(max(microseconds(activated), ahead))


def _notice(
    plan: MigrationPlan, wording: Wording, language: str, role: Role, kind: str, when: pendulum.DateTime
) -> Notice:
    language = labelled(language, plan.rules.customer_label)
    known = _facts(plan, wording, language)
    facts = Facts.of({name: known[name] for name in sorted(NOTICE_FACTS[kind])})
    subject, body = (_text(wording, f"{kind}_{part}", facts, language) for part in ("subject", "body"))
    return Notice(role=role, kind=kind, when=when, subject=subject, body=body)


def _text(wording: Wording, name: str, facts: Facts, language: str) -> str:
    """Return a text of a notice; only a body of the practice keeps its line breaks."""
    own = dict(wording.texts).get(name)
    if own is None:
        return sentence(f"notice.{name}", facts, language)
    written = own.format(**{name: visible(str(fact)) for name, fact in facts.items()})
    return visible(written, keep="\n\t" if name.endswith("_body") else "")


def _facts(plan: MigrationPlan, wording: Wording, language: str) -> dict[str, str]:
    """Return the known facts for all notices, as text; no notice of this plan needs an unknown one."""
    zone = wording.time_zone or _zone_of(plan)
    contacts = {
        role: sentence(f"contact.{role}", {}, language) for role in ("support_team", "customer_service")
    }
    facts = contacts | dict(wording.contacts)
    facts |= {
        "profile_id": plan.request.profile_id,
        "new_email": plan.request.new_email.text,
        "customer": wording.customer_label or sentence("contact.customer", {}, language),
    }
    closed = plan.timeline.phase("closed").at
    if closed is not None:
        facts["closed"] = moment_text(rfc3339(closed), language, zone=zone)
    if plan.blackout is not None:
        facts |= {
            "start": moment_text(rfc3339(plan.blackout.start_us), language, zone=zone),
            "end": moment_text(rfc3339(plan.blackout.end_us), language, zone=zone),
        }
        facts["length"] = _length(plan.blackout.end_us - plan.blackout.start_us)
    return facts


def _zone_of(plan: MigrationPlan) -> str:
    """Return the zone of the business hours by the rules, or else of the profile's hours, or UTC."""
    images = (
        image
        for step in plan.change_set.steps
        for edit in step.edits
        for image in (edit.before, edit.after)
        if isinstance(image, Profile)
    )
    profile = next(images, None)
    hours = plan.rules.business_hours if profile is None else plan.rules.business_hours_for(profile)
    return hours.zone if hours is not None else "UTC"


def _length(whole: int) -> str:
    """Return microseconds as hours and minutes, rounded up to the minute."""
    hours, minutes = divmod(-(-whole // _MINUTE), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
