"""The findings about merged customers who differ in identity, consents or phone numbers."""

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
"""The fewest digits of a number without its country code: shorter ones are often extensions."""
_LONGEST_CODE = 3
"""The most digits of a country code (ITU-T E.164)."""
_TRUNK_PREFIX = re.compile(r"\(\s*0\s*\)")


def differing_findings(situation: MergeSituation, survivor: Customer) -> Iterator[Finding]:
    """Yield the findings about differences of merged customers, and about the survivor's phones after the merge."""
    for field in situation.rules.identity_fields:
        yield from _identity_findings(situation, field)
    yield from _consent_findings(situation)
    yield from _phone_findings(situation, survivor)


def _identity_findings(situation: MergeSituation, field: str) -> Iterator[Finding]:
    """Yield a finding if the customers differ in a field that identifies a person.

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
    """Return a value to compare, without case, extra spaces and the encoding of accents."""
    if not isinstance(candidate.value, str):
        return candidate.text
    return " ".join(unicodedata.normalize("NFC", candidate.value).casefold().split())


def _consent_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield one finding with the number of attributes that are true for one customer and false for another.

    The names of attributes are as personal as their values, so the finding has neither.
    """
    owners: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    for customer in situation.customers:
        for name, value in customer.attributes.value.items():
            if type(value) is bool:
                owners[name][value].add(customer.id)
    opposite = [sides for sides in owners.values() if sides[True] and sides[False]]
    if opposite:
        survivor = situation.survivor.id
        ids = tuple(sorted({id for sides in opposite for id in sides[True] | sides[False]}))
        facts = Facts(survivor_id=survivor, customer_ids=ids, count=len(opposite))
        yield Finding.of("opposite_consents", (survivor, *ids), **facts)


def _phone_findings(situation: MergeSituation, survivor: Customer) -> Iterator[Finding]:
    """Yield one finding with the number of surviving phones that are spellings of one number."""
    twins = _spelled_alike(survivor.phones)
    brought = [row.id for row in situation.absorbed if twins.intersection(row.phones)]
    if brought:
        ids = tuple(sorted({survivor.id, *brought}))
        facts = Facts(survivor_id=survivor.id, customer_ids=ids, count=len(twins))
        yield Finding.of("phone_spellings", ids, **facts)


def _spelled_alike(phones: tuple[str, ...]) -> set[str]:
    """Return the phones that have the same number as another one, by their digits.

    Numbers with a country code are the same if all digits are equal. A number without the code is the same as one with
    it if the digits after the code are equal, without the 0 that is dialled only within a country.
    """
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for phone in phones:
        for key in _keys(phone):
            groups[key].add(phone)
    alike: set[str] = set()
    for (kind, _), members in groups.items():
        national = {phone for phone in members if not _is_international(phone)}
        if len(members) > 1 and (kind != "within" or national):
            alike |= members
    return alike


def _keys(phone: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of a phone, for the whole number and for each possible country code."""
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
    """Return whether a phone has no extension or remark, which would make it another number."""
    return not any(letter.isalpha() or letter in "#*,;" for letter in phone)


def _is_international(phone: str) -> bool:
    return phone.lstrip(" (").startswith(("+", "00"))
