"""The values of fields that survive a merge by the rules, and the ledger of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Reason
from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Finding
from accountmerge.merges.rules import FieldRule
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.customers import TEXT_FIELDS, Customer
from accountmerge.model.instants import parse_rfc3339
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.model.texts import is_blank_text
from accountmerge.model.values import Value, value_class
from accountmerge.plans.verdicts import Draft

KEPT_NAMES = ("given_name", "family_name")
"""The fields that an absorbed customer keeps."""


@value_class(eq=False, repr=False)
class Candidate(Value):
    """A value that may survive in a field.

    Attributes:
        owner_id: The id of the customer that has it.
        value: The value, as plain JSON data.
        is_survivors: Whether the survivor has it.
    """

    owner_id: str
    value: Any
    is_survivors: bool

    @property
    def text(self) -> str:
        """The value as canonical JSON, to compare it, so that `0` is not `false`."""
        return canonical(self.value)

    @property
    def is_blank(self) -> bool:
        """Whether the value is null or blank text; of phones, whether all are blank."""
        if isinstance(self.value, list):
            return all(map(is_blank_text, self.value))
        return self.value is None or (isinstance(self.value, str) and is_blank_text(self.value))


@value_class(eq=False, repr=False)
class MergedFields(Value):
    """The fields of the survivor after a merge.

    Attributes:
        survivor: The survivor with the surviving values.
        ledger: The values that do not survive.
        findings: Findings about fields with values that have to agree and do not.
    """

    survivor: Customer
    ledger: tuple[LedgerEntry, ...]
    findings: tuple[Finding, ...]


def merged_fields(situation: MergeSituation, survivor: Customer) -> MergedFields:
    """Return the fields of a survivor, which has the merged e-mails already, after the merge."""
    changes: dict[str, Any] = {}
    ledger: list[LedgerEntry] = []
    findings: list[Finding] = []
    attributes: dict[str, Any] = {}
    for field in _fields(situation):
        rule = situation.rules.field_rule(field)
        candidates = candidates_of(situation, field)
        try:
            chosen = _chosen(rule, candidates, decided=situation.is_carried_out)
        except _DisagreementError:
            ids = tuple(sorted({candidate.owner_id for candidate in candidates}))
            shown = rule.field.partition(".")[0]  # the name of an attribute may be personal
            findings.append(Finding.of("must_agree", (*ids, shown), field=shown, customer_ids=ids))
            continue
        ledger += _lost(situation, field, rule, candidates, chosen)
        if field.startswith("attributes."):
            if chosen is not None:
                attributes[field.partition(".")[2]] = chosen.value
        else:
            changes[field] = _as_field(field, chosen)
    changes["attributes"] = FrozenJson.of_canonical(canonical(attributes))
    changes |= _unions(situation)
    unique = tuple(dict.fromkeys(findings))
    return MergedFields(attrs.evolve(survivor, **changes), tuple(ledger), unique)


def field_drafts(situation: MergeSituation, survivor: Customer, merged: Customer) -> Iterator[Draft]:
    """Yield the step in which the survivor gets the surviving values."""
    if merged != survivor:
        facts = Facts(
            survivor_id=survivor.id, absorbed_ids=situation.absorbed_ids, rules=situation.rules.title
        )
        yield Draft("merge_fields", Reason("fields_move", facts), (Edit(survivor, merged),))


def _fields(situation: MergeSituation) -> list[str]:
    named = {name for customer in situation.customers for name in customer.attributes.value}
    named |= {
        rule.field.partition(".")[2]
        for rule in situation.rules.fields
        if rule.field.startswith("attributes.") and rule.policy == "explicit"
    }
    return [*TEXT_FIELDS, "birth_date", "phones", *(f"attributes.{name}" for name in sorted(named))]


def candidates_of(situation: MergeSituation, field: str) -> list[Candidate]:
    """Return the values of a field, the survivor's first, without names of customers absorbed before."""
    candidates = []
    for customer in situation.customers:
        survivors = customer is situation.survivor
        if field in KEPT_NAMES and situation.was_absorbed(customer):
            continue
        if field.startswith("attributes."):
            values = customer.attributes.value
            name = field.partition(".")[2]
            if name in values:
                candidates.append(Candidate(customer.id, values[name], survivors))
        else:
            value = getattr(customer, field)
            if value not in (None, ()):
                plain = value.isoformat() if isinstance(value, date) else value
                plain = list(plain) if isinstance(plain, tuple) else plain
                candidates.append(Candidate(customer.id, plain, survivors))
    return candidates


class _DisagreementError(Exception):
    """The values of a field have to agree and differ, or cannot be compared."""


def _chosen(rule: FieldRule, candidates: Sequence[Candidate], *, decided: bool) -> Candidate | None:
    """Return the value that survives, or None if there is none.

    If the merge was decided before, no policy is applied a second time. The survivor keeps its values, which may have
    been edited since, and later values of the absorbed customers fill blanks.

    Raises:
        _DisagreementError: Values that have to agree differ, or values to compare as times are no times.
    """
    if not candidates and (decided or rule.value is None):
        return None
    if decided:
        alone = all(candidate.is_survivors for candidate in candidates)
        later = _union if rule.field == "phones" else _not_blank
        return _first(candidates) if alone else later(candidates)
    if rule.value is not None:
        return Candidate("", rule.value.value, is_survivors=False)
    return _POLICIES[rule.policy](candidates)


def _first(candidates: Sequence[Candidate]) -> Candidate:
    return candidates[0]


def _absorbed_first(candidates: Sequence[Candidate]) -> Candidate:
    return _not_blank(sorted(candidates, key=lambda candidate: candidate.is_survivors))


def _not_blank(candidates: Sequence[Candidate]) -> Candidate:
    return next((candidate for candidate in candidates if not candidate.is_blank), candidates[0])


def _longest(candidates: Sequence[Candidate]) -> Candidate:
    """Return the longest text, or a first value that is no text, because it has no length."""
    first = _not_blank(candidates)
    if not isinstance(first.value, str):
        return first
    texts = [each for each in candidates if isinstance(each.value, str) and not each.is_blank]
    return max(texts, key=lambda each: len(each.value), default=first)


def _largest(candidates: Sequence[Candidate]) -> Candidate:
    numbers = _numbers(candidates)
    return max(numbers, key=lambda each: each.value) if numbers else _not_blank(candidates)


def _smallest(candidates: Sequence[Candidate]) -> Candidate:
    numbers = _numbers(candidates)
    return min(numbers, key=lambda each: each.value) if numbers else _not_blank(candidates)


def _numbers(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that are numbers, without truth values."""
    return [each for each in candidates if type(each.value) in (int, float)]


def _true_wins(candidates: Sequence[Candidate]) -> Candidate:
    return _with_truth(candidates, wanted=True)


def _false_wins(candidates: Sequence[Candidate]) -> Candidate:
    return _with_truth(candidates, wanted=False)


def _with_truth(candidates: Sequence[Candidate], *, wanted: bool) -> Candidate:
    """Return the first candidate with the wanted truth value, or else with the other one."""
    truths = [each for each in candidates if type(each.value) is bool]
    return min(truths, key=lambda each: each.value is not wanted) if truths else _not_blank(candidates)


def _agreed(candidates: Sequence[Candidate]) -> Candidate:
    if len({candidate.text for candidate in candidates if not candidate.is_blank}) > 1:
        raise _DisagreementError
    return _not_blank(candidates)


def _union(candidates: Sequence[Candidate]) -> Candidate:
    values = dict.fromkeys(value for candidate in candidates for value in candidate.value)
    return Candidate("", list(values), is_survivors=False)


def _earliest(candidates: Sequence[Candidate]) -> Candidate:
    said = _differing(candidates)
    return min(said, key=_moment) if len(said) > 1 else said[0]


def _latest(candidates: Sequence[Candidate]) -> Candidate:
    said = _differing(candidates)
    return max(said, key=_moment) if len(said) > 1 else said[0]


def _differing(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that are not blank, each value once, or else the first candidate."""
    said: dict[str, Candidate] = {}
    for candidate in candidates:
        if not candidate.is_blank:
            said.setdefault(candidate.text, candidate)
    return list(said.values()) or list(candidates[:1])


def _moment(candidate: Candidate) -> int:
    """Return a date (its first instant in UTC) or an RFC 3339 time as microseconds since 1970."""
    text = candidate.value
    try:
        return parse_rfc3339(text if "T" in text.upper() else f"{text}T00:00:00Z")
    except (InvalidValueError, AttributeError, TypeError):
        raise _DisagreementError from None


_POLICIES: dict[str, Callable[[Sequence[Candidate]], Candidate]] = {
    "survivor_first": _not_blank,
    "absorbed_first": _absorbed_first,
    "fill_blanks": _not_blank,
    "longest": _longest,
    "earliest": _earliest,
    "latest": _latest,
    "largest": _largest,
    "smallest": _smallest,
    "true_wins": _true_wins,
    "false_wins": _false_wins,
    "union": _union,
    "must_agree": _agreed,
}


def _as_field(field: str, chosen: Candidate | None) -> Any:
    if chosen is None:
        return () if field == "phones" else None
    if field == "birth_date":
        return date.fromisoformat(chosen.value)
    if field == "phones":
        return tuple(chosen.value if chosen.is_survivors else dict.fromkeys(chosen.value))
    return chosen.value


def _lost(
    situation: MergeSituation,
    field: str,
    rule: FieldRule,
    candidates: Sequence[Candidate],
    chosen: Candidate | None,
) -> Iterator[LedgerEntry]:
    """Yield an entry for each value that does not survive."""
    for candidate in candidates:
        for value in _gone(field, candidate, chosen):
            yield LedgerEntry(
                entity="customer",
                id=situation.survivor.id,
                field=field.partition(".")[0],
                value=FrozenJson.of(value),
                from_id=candidate.owner_id,
                rule=rule.policy,
            )


def _gone(field: str, candidate: Candidate, chosen: Candidate | None) -> list[Any]:
    kept = chosen.value if chosen else None
    if field == "phones":
        return [phone for phone in candidate.value if phone not in (kept or ())]
    if chosen is not None and candidate.text == chosen.text:
        return []
    # The name of an attribute may be personal, so the entry has it in the value, which is never shown.
    return [{field.partition(".")[2]: candidate.value} if "." in field else candidate.value]


def _unions(situation: MergeSituation) -> dict[str, Any]:
    """Return the opt-outs and former record numbers, which all survive."""
    survivor, absorbed = situation.survivor, situation.absorbed
    opt_outs = {entry for customer in situation.customers for entry in customer.opt_outs}
    coming = {number for customer in absorbed for number in customer.former_record_numbers}
    coming |= {customer.record_number for customer in absorbed}
    numbers = {*survivor.former_record_numbers, *(coming - {survivor.record_number})}
    return {"opt_outs": tuple(opt_outs), "former_record_numbers": tuple(numbers)}
