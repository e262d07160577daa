"""Diagnose why an address signs in or not, and which address signs in instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.messages import sentence
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress, mailbox_of
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.successions import Survivors, successor_of
from accountmerge.model.treating import treats
from accountmerge.model.values import Value, value_class

LoginOutcome = Literal["signs_in", "merged", "replaced", "disabled", "contact_only", "unknown"]
OUTCOMES: tuple[LoginOutcome, ...] = get_args(LoginOutcome)
"""The outcomes for an address, the best first."""
LoginKind = Literal["customer", "profile"]
KINDS: tuple[LoginKind, ...] = get_args(LoginKind)

LOGIN_FACTS: dict[str, frozenset[str]] = {
    "signs_in": frozenset(),
    "signs_in_still": frozenset({"successor_id"}),
    "merged": frozenset(),
    "merged_into": frozenset({"survivor_id"}),
    "merged_without_login": frozenset({"survivor_id"}),
    "replaced": frozenset(),
    "replaced_by": frozenset({"successor_id"}),
    "disabled": frozenset(),
    "contact_only": frozenset(),
    "unknown": frozenset(),
}
"""The sentences about an address, with the facts of each."""


@value_class(eq=False, repr=False)
class LoginDiagnosis(Value):
    """The best login outcome for an address, and the others.

    Attributes:
        outcome: `signs_in`; `merged`: it was the login of an absorbed customer; `replaced`: another address
            signs in now; `disabled`: the login is switched off; `contact_only`; `unknown`.
        kind: `customer` or `profile`, the kind of the holder; None if the address is unknown.
        id: The id of the present or former holder; after a merge, the absorbed customer.
        survivor_id: After a merge, the customer that the absorbed one is part of now, after all merges.
        successor_id: Of a profile, the last one in its succession.
        sign_in_with: The address to sign in with.
        also: The outcomes of other people, because a customer and a practitioner may have the same address.
    """

    outcome: LoginOutcome
    kind: LoginKind | None = None
    id: str | None = None
    survivor_id: str | None = None
    successor_id: str | None = None
    sign_in_with: EmailAddress | None = None
    also: tuple[LoginDiagnosis, ...] = ()

    def describe(self, language: str = "en") -> str:
        """Return the best outcome as a sentence, which shows no address."""
        ids = {"survivor_id": self.survivor_id, "successor_id": self.successor_id}
        return sentence(f"login.{self._key()}", {name: id for name, id in ids.items() if id}, language)

    def _key(self) -> str:
        if self.outcome == "merged" and self.survivor_id:
            return "merged_into" if self.sign_in_with else "merged_without_login"
        if self.successor_id and self.outcome in ("signs_in", "replaced"):
            return "signs_in_still" if self.outcome == "signs_in" else "replaced_by"
        return self.outcome

    def __repr__(self) -> str:
        return f"LoginDiagnosis({self.outcome!r}, kind={self.kind!r}, id={self.id!r}, also={self.also!r})"


def diagnose_login(
    snapshot: Snapshot, address: str | EmailAddress, *, asked_by: str | None = None
) -> LoginDiagnosis:
    """Return why an address signs in or not, and the address to sign in with.

    Addresses are compared as mailboxes; malformed ones are compared as text, and a blank one is unknown.
    Takes time in proportion to the holders of the mailbox, once the snapshot is indexed.

    Args:
        snapshot: The present data.
        address: The address that was used to sign in.
        asked_by: The id of the profile that asks. If its login is enabled and it treats the customer (of a merge,
            the survivor), it learns the ids and the address that signs in. Of any other customer it learns
            only that an address is `merged`; every other outcome is `unknown`, as if there were no such address.
            Of a profile, every asker learns the ids, and one with an enabled login the address. Default: the
            caller itself, which learns the outcome and no id of a customer.

    Returns:
        The best outcome, in the order of `OUTCOMES`, customers before profiles, then by id. The outcomes of
        other people are in its `also`.

    Raises:
        InvalidValueError: The address is neither text nor an `EmailAddress`.
    """
    require_snapshot(snapshot)
    if not isinstance(address, str | EmailAddress):
        raise InvalidValueError("wrong_type", field="address", wanted="text")
    mailbox = address.mailbox if isinstance(address, EmailAddress) else mailbox_of(address)
    if not mailbox.strip():
        return LoginDiagnosis("unknown")
    answers = [
        *_customers_answers(snapshot, mailbox, asked_by),
        *_profiles_answers(snapshot, mailbox, asked_by),
    ]
    told = dict.fromkeys(answer for _, answer in sorted(answers, key=_place))
    best, *others = told or [LoginDiagnosis("unknown")]
    return attrs.evolve(best, also=tuple(others))


_Ranked = tuple[tuple[int, int, str], LoginDiagnosis]
"""An outcome and its place among the others."""


def _place(ranked: _Ranked) -> tuple[int, int, str]:
    return ranked[0]


def _ranked(id: str, answer: LoginDiagnosis) -> _Ranked:
    return (OUTCOMES.index(answer.outcome), KINDS.index(answer.kind or "customer"), id), answer


def _customers_answers(snapshot: Snapshot, mailbox: str, asked_by: str | None) -> Iterable[_Ranked]:
    """Return the best outcome of each person who has the address, across all merges."""
    best: dict[str, _Ranked] = {}
    survivors = Survivors(snapshot.customers)
    for customer in snapshot.customers.where("mailboxes", mailbox):
        present = survivors.of(customer)
        person = (present or customer).id
        told = present if treats(snapshot, asked_by, person) else None
        for email in customer.emails:
            if email.address.mailbox == mailbox:
                answer = _customer_answer(customer, email, told)
                best[person] = min(best.get(person, answer), answer, key=_place)
    return [
        ranked
        for person, ranked in best.items()
        if asked_by is None or ranked[1].outcome == "merged" or treats(snapshot, asked_by, person)
    ]


def _customer_answer(customer: Customer, email: CustomerEmail, told: Customer | None) -> _Ranked:
    """Return the login outcome for an address, and the surviving customer if the caller may see it."""
    outcome = _customer_outcome(customer, email)
    holds_it_for_another = outcome == "merged" and customer.merged_into is None
    holder_id = (email.login_of if holds_it_for_another else None) or customer.id
    if told is None:
        return _ranked(holder_id, LoginDiagnosis(outcome, "customer"))
    survivor_id = told.id if outcome == "merged" else None
    return _ranked(
        holder_id,
        LoginDiagnosis(outcome, "customer", holder_id, survivor_id=survivor_id, sign_in_with=_primary(told)),
    )


def _customer_outcome(customer: Customer, email: CustomerEmail) -> LoginOutcome:
    if email.use != "primary" and email.login_of not in (None, customer.id):
        return "merged"
    if email.use == "secondary" and email.login_of is None:
        return "contact_only"
    if customer.merged_into is not None:
        return "merged"
    if customer.status == "disabled":
        return "disabled"
    return "signs_in" if email.use == "primary" else "replaced"


def _primary(customer: Customer) -> EmailAddress | None:
    """Return the primary email of an active customer, the first one if there are several."""
    primary = (email.address for email in customer.emails if email.use == "primary")
    return next(primary, None) if customer.status == "active" else None


def _has_login(snapshot: Snapshot, profile_id: str | None) -> bool:
    profile = snapshot.profiles.get(profile_id) if profile_id is not None else None
    return profile is not None and profile.login == "enabled"


def _profiles_answers(snapshot: Snapshot, mailbox: str, asked_by: str | None) -> Iterator[_Ranked]:
    for profile in snapshot.profiles.where("mailbox", mailbox):
        successor = successor_of(snapshot.profiles, profile)
        followed = profile.succeeded_by is not None
        outcome: LoginOutcome = (
            "signs_in" if profile.login == "enabled" else "replaced" if followed else "disabled"
        )
        answer = LoginDiagnosis(
            outcome,
            "profile",
            profile.id,
            successor_id=successor.id if followed and successor else None,
            sign_in_with=_username(profile, successor) if _has_login(snapshot, asked_by) else None,
        )
        yield _ranked(profile.id, answer)


def _username(profile: Profile, successor: Profile | None) -> EmailAddress | None:
    """Return the username that works, of the profile or else of its successor."""
    return next((row.email for row in (profile, successor) if row and row.login == "enabled"), None)
