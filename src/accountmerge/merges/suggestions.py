"""Suggestions of a survivor, with the reasons for each customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from accountmerge.messages import Facts, sentence
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Survivors, rows_of_person
from accountmerge.model.value_rules import listed
from accountmerge.model.values import ShownValue, value_class

CandidateReason = Literal[
    "has_login", "more_history", "older", "lowest_id", "absorbed", "disabled", "unknown"
]

SUGGESTION_FACTS: dict[str, frozenset[str]] = {
    "survivor": frozenset({"customer_id"}),
    "nobody": frozenset(),
    "has_login": frozenset({"customer_id", "appointments", "records"}),
    "more_history": frozenset({"customer_id", "appointments", "records"}),
    "older": frozenset({"customer_id", "appointments", "records", "since"}),
    "lowest_id": frozenset({"customer_id", "appointments", "records"}),
    "absorbed": frozenset({"customer_id", "survivor_id"}),
    "disabled": frozenset({"customer_id"}),
    "unknown": frozenset({"customer_id"}),
    "actor": frozenset({"profile_id"}),
    "no_actor": frozenset(),
    "treats_all": frozenset({"profile_id", "appointments"}),
    "lacks_access": frozenset({"profile_id", "customer_ids", "appointments"}),
}
"""The sentences of a suggestion of a survivor or an actor, and the facts of each."""


@value_class(eq=False, repr=False)
class SurvivorCandidate(ShownValue):
    """A customer, with the reasons for or against it as the survivor.

    Attributes:
        customer_id: The id of the customer.
        reasons: The reasons for it, `more_history`, `older`, `has_login`, and `lowest_id` if it is otherwise equal to
            the next one. Or the reason against it, `absorbed`, `disabled` or `unknown`.
        facts: The numbers of `appointments` and `records`, and the earliest instant `since`, absent if unknown; of an
            absorbed customer, its `survivor_id`.
    """

    customer_id: str
    reasons: tuple[CandidateReason, ...]
    facts: Facts

    def describe(self, language: str = "en") -> str:
        """Return a sentence for each reason, one per line."""
        facts = {**self.facts, "customer_id": self.customer_id}
        return "\n".join(sentence(f"suggestion.{reason}", facts, language) for reason in self.reasons)


@value_class(eq=False, repr=False)
class SurvivorSuggestion(ShownValue):
    """A suggested survivor, with reasons; only a request decides.

    Attributes:
        customer_id: The id of the suggested customer. None if no customer can be the survivor.
        ranking: The customers who can be the survivor, the best first, each with reasons for it.
        passed_over: The customers who cannot, each with the reason, sorted by id.
    """

    customer_id: str | None
    ranking: tuple[SurvivorCandidate, ...]
    passed_over: tuple[SurvivorCandidate, ...] = ()

    def describe(self, language: str = "en") -> str:
        """Return the suggestion with all reasons, a few lines without names of customers."""
        if self.customer_id is None:
            lines = [sentence("suggestion.nobody", {}, language)]
        else:
            lines = [sentence("suggestion.survivor", {"customer_id": self.customer_id}, language)]
        told = (candidate.describe(language) for candidate in (*self.ranking, *self.passed_over))
        lines += [f"  {line}" for text in told for line in text.splitlines()]
        return "\n".join(lines)


def suggest_survivor(snapshot: Snapshot, customer_ids: Iterable[str]) -> SurvivorSuggestion:
    """Suggest the survivor of a merge of some customers.

    Customers are sorted by the number of appointments of any status and records, including those of customers absorbed
    before; then by the earliest record or appointment, then by a login, then by id. A login alone never outranks
    history, because an account can be opened with the address of another person. `more_history` and `older` are given
    only to the customers with the most of it, and only if some have less.

    Args:
        snapshot: The present data.
        customer_ids: The ids of the customers to merge, in any order.

    Returns:
        The suggestion. Absorbed, disabled and unknown customers are never suggested.

    Takes time in proportion to their appointments and records, once the snapshot is indexed.
    """
    ids = sorted(set(listed(customer_ids)))
    measured, passed_over = [], []
    survivors = Survivors(snapshot.customers)
    for id in ids:
        against = _against(snapshot, survivors, id)
        if against is not None:
            passed_over.append(against)
        else:
            measured.append(_measured(snapshot, snapshot.customers[id]))
    measured.sort(key=_rank)
    ranking = tuple(
        SurvivorCandidate(one.id, reasons, one.facts)
        for one, reasons in zip(measured, _reasons(measured), strict=True)
    )
    return SurvivorSuggestion(ranking[0].customer_id if ranking else None, ranking, tuple(passed_over))


@value_class(eq=False, repr=False)
class _Measure(ShownValue):
    """The amount of a customer's history; `since` is in microseconds."""

    id: str
    has_login: bool
    appointments: int
    records: int
    since: int | None

    @property
    def history(self) -> int:
        return self.appointments + self.records

    @property
    def facts(self) -> Facts:
        facts = Facts(appointments=self.appointments, records=self.records)
        return facts if self.since is None else Facts(**facts, since=rfc3339(self.since))


def _against(snapshot: Snapshot, survivors: Survivors, id: str) -> SurvivorCandidate | None:
    customer = snapshot.customers.get(id)
    if customer is None:
        return SurvivorCandidate(id, ("unknown",), Facts())
    if customer.merged_into is not None:
        survivor = survivors.of(customer)
        survivor_id = survivor.id if survivor else customer.merged_into
        return SurvivorCandidate(id, ("absorbed",), Facts(survivor_id=survivor_id))
    return SurvivorCandidate(id, ("disabled",), Facts()) if customer.status == "disabled" else None


def _measured(snapshot: Snapshot, customer: Customer) -> _Measure:
    appointments = rows_of_person(snapshot.appointments, snapshot.customers, customer.id)
    records = rows_of_person(snapshot.records, snapshot.customers, customer.id)
    instants = [row.slot.start_us for row in appointments]
    instants += [microseconds(row.created_at) for row in records if row.created_at is not None]
    return _Measure(
        customer.id,
        any(email.use == "primary" for email in customer.emails),
        len(appointments),
        len(records),
        min(instants, default=None),
    )


def _rank(one: _Measure) -> tuple[int, bool, int, bool, str]:
    return (-one.history, one.since is None, one.since or 0, not one.has_login, one.id)


def _reasons(measured: list[_Measure]) -> Iterator[tuple[CandidateReason, ...]]:
    """Yield the reasons for each possible survivor, in the order given."""
    most = _leaders(measured, lambda each: each.history)
    oldest = _leaders(measured, lambda each: float("-inf") if each.since is None else -each.since)
    for place, one in enumerate(measured):
        is_tied = place == 0 and len(measured) > 1 and _rank(one)[:-1] == _rank(measured[1])[:-1]
        told: tuple[tuple[CandidateReason, bool], ...] = (
            ("more_history", one.id in most),
            ("older", one.id in oldest),
            ("has_login", one.has_login),
            ("lowest_id", is_tied),
        )
        yield tuple(reason for reason, holds in told if holds)


def _leaders(measured: list[_Measure], amount: Callable[[_Measure], float]) -> frozenset[str]:
    """Return the ids of the customers with the largest amount; empty if all have the same."""
    amounts = {one.id: amount(one) for one in measured}
    largest, smallest = max(amounts.values(), default=0), min(amounts.values(), default=0)
    return frozenset(id for id, value in amounts.items() if smallest < value == largest)
