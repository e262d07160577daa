"""Differences between merged customers that may tell two persons apart, or that no merge may settle in silence."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.merges.fields import Candidate, candidates_of
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.customers import Customer

_FEWEST_DIGITS = 8
"""Digits of a number without the code of its country: shorter ones are too often extensions or unlike numbers."""
_LONGEST_CODE = 3
"""Digits of the code of a country (ITU-T E.164)."""
_TRUNK_PREFIX = re.compile(r"\(\s*0\s*\)")


def differing_findings(situation: MergeSituation, survivor: Customer) -> Iterator[Finding]:
    """Yield what the merged customers contradict each other in, and phone numbers in several spellings.

    Args:
        situation: The merge.
        survivor: The survivor with the values that survive.
    """
    for field in situation.rules.identity_fields:
        yield from _identity_findings(situation, field)
    yield from _consent_findings(situation)
    yield from _phone_findings(situation, survivor)


def _identity_findings(situation: MergeSituation, field: str) -> Iterator[Finding]:
    """Yield that the customers differ in a field that tells one person from another.

    The finding names all customers, not only those with a value, so that it keeps its id while the merge is applied.
    """
    given = situation.rules.field_rule(field).value
    values = {
        _compared(candidate)
        for candidate in candidates_of(situation, field)
        if not candidate.is_blank and (given is None or candidate.value != given.value)
    }
    if len(values) > 1:
        ids = tuple(sorted(row.id for row in situation.customers))
        severity: Severity = "blocker" if situation.rules.identity_conflict == "block" else "warning"
        facts = Facts(field=field, customer_ids=ids)
        yield Finding.of("identity_differs", (*ids, field), severity, **facts)


def _compared(candidate: Candidate) -> str:
    """Return a value as it is compared: case, spaces and ways to write an accent make no other person."""
    if not isinstance(candidate.value, str):
        return candidate.text
    return " ".join(unicodedata.normalize("NFC", candidate.value).casefold().split())


def _consent_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield once how many attributes are true for one customer and false for another, and for which customers.

    The names of attributes are as personal as their values, so that the finding has neither.
    """
    owners: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    for customer in situation.customers:
        for name, value in customer.attributes.value.items():
            if type(value) is bool:
                owners[name][value].add(customer.id)
    opposite = [found for found in owners.values() if found[True] and found[False]]
    if opposite:
        survivor = situation.survivor.id
        ids = tuple(sorted({id for found in opposite for id in found[True] | found[False]}))
        facts = Facts(survivor_id=survivor, customer_ids=ids, count=len(opposite))
        yield Finding.of("opposite_consents", (survivor, *ids), **facts)


def _phone_findings(situation: MergeSituation, survivor: Customer) -> Iterator[Finding]:
    """Yield once how many of the phone numbers that survive are one number in several spellings."""
    twins = _spelled_alike(survivor.phones)
    brought = [row.id for row in situation.absorbed if twins.intersection(row.phones)]
    if brought:
        ids = tuple(sorted({survivor.id, *brought}))
        facts = Facts(survivor_id=survivor.id, customer_ids=ids, count=len(twins))
        yield Finding.of("phone_spellings", ids, **facts)


def _spelled_alike(phones: tuple[str, ...]) -> set[str]:
    """Return the phones that are, by their digits, a number that another one is as well.

    Numbers with the code of their country are equal if all digits are. One without it is the same as one with it if
    the digits after the code are equal; a 0 that is dialled only within a country does not count.
    """
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for phone in phones:
        for key in _keys(phone):
            groups[key].add(phone)
    found: set[str] = set()
    for (kind, _), members in groups.items():
        national = {phone for phone in members if not _is_international(phone)}
        if len(members) > 1 and (kind != "within" or national):
            found |= members
    return found


def _keys(phone: str) -> Iterator[tuple[str, str]]:
    """Yield by which keys a phone is compared: as a whole, and within each country that it may be of."""
    digits = re.sub(r"\D", "", _TRUNK_PREFIX.sub("", phone)) if _is_plain(phone) else ""
    if _is_international(phone):
        whole = digits.removeprefix("00")
        if len(whole) >= _FEWEST_DIGITS:
            yield "whole", whole
        for length in range(1, _LONGEST_CODE + 1):
            if len(whole) - length >= _FEWEST_DIGITS:
                yield "within", whole[length:]
    elif len(digits.removeprefix("0")) >= _FEWEST_DIGITS:
        yield "whole", digits
        yield "within", digits.removeprefix("0")


def _is_plain(phone: str) -> bool:
    """Return whether a phone has no letter: an extension or a remark makes another number of it."""
    return not any(letter.isalpha() or letter in "#*,;" for letter in phone)


def _is_international(phone: str) -> bool:
    return phone.lstrip(" (").startswith(("+", "00"))
