"""Suggestions of the profile that asks for a merge, with the access that it lacks."""

from __future__ import annotations

from collections.abc import Iterable

from accountmerge.messages import Facts, sentence
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import rows_of_person
from accountmerge.model.treating import treaters_of
from accountmerge.model.value_rules import listed
from accountmerge.model.values import ShownValue, value_class


@value_class(eq=False, repr=False)
class ActorCandidate(ShownValue):
    """A profile that treats at least one customer of a merge.

    Attributes:
        profile_id: The id of the profile.
        treated: The ids of the customers that it treats, sorted.
        missing: The ids of the customers that it does not treat, sorted. Each has to approve an access request before
            the profile can ask for the merge.
        appointments: The number of its appointments, of any status, with the customers.
    """

    profile_id: str
    treated: tuple[str, ...]
    missing: tuple[str, ...]
    appointments: int

    def describe(self, language: str = "en") -> str:
        """Return a sentence with the customers that it treats or does not treat."""
        facts = Facts(profile_id=self.profile_id, customer_ids=self.missing, appointments=self.appointments)
        return sentence(f"suggestion.{'lacks_access' if self.missing else 'treats_all'}", facts, language)


@value_class(eq=False, repr=False)
class ActorSuggestion(ShownValue):
    """A suggested profile to ask for a merge, with reasons; only a request decides.

    Attributes:
        profile_id: The first profile that treats all customers. None if there is none.
        ranking: The profiles that treat at least one customer, the best first.
        missing: The ids of the customers that the best profile does not treat, sorted; all customers if no profile
            treats any.
    """

    profile_id: str | None
    ranking: tuple[ActorCandidate, ...]
    missing: tuple[str, ...]

    def describe(self, language: str = "en") -> str:
        """Return the suggestion with all profiles, one per line, without names of persons."""
        if self.profile_id is None:
            lines = [sentence("suggestion.no_actor", {}, language)]
        else:
            lines = [sentence("suggestion.actor", {"profile_id": self.profile_id}, language)]
        return "\n".join((*lines, *(f"  {candidate.describe(language)}" for candidate in self.ranking)))


def suggest_actor(snapshot: Snapshot, customer_ids: Iterable[str]) -> ActorSuggestion:
    """Suggest the profile that asks for a merge of some customers.

    Profiles with an enabled login and treating access are sorted by the number of customers that they do not treat,
    then by the number of their appointments with the customers, most first, then by id. Viewing access and access
    requests do not count.

    Args:
        snapshot: The present data, complete for the customers.
        customer_ids: The ids of the customers to merge, in any order. Unknown ones are treated by no profile.

    Returns:
        The suggestion. Takes time in proportion to the access rows and appointments of the customers, once the
        snapshot is indexed.
    """
    ids = sorted(set(listed(customer_ids)))
    treated: dict[str, list[str]] = {}
    for id in ids:
        for profile_id in treaters_of(snapshot, id):
            treated.setdefault(profile_id, []).append(id)
    booked = dict.fromkeys(treated, 0)
    seen: set[str] = set()
    for id in (id for id in ids if id in snapshot.customers):
        for row in rows_of_person(snapshot.appointments, snapshot.customers, id):
            if row.profile_id in booked and row.id not in seen:
                booked[row.profile_id] += 1
            seen.add(row.id)
    ranking = sorted(
        (
            ActorCandidate(id, tuple(own), tuple(other for other in ids if other not in own), booked[id])
            for id, own in treated.items()
        ),
        key=lambda one: (len(one.missing), -one.appointments, one.profile_id),
    )
    missing = ranking[0].missing if ranking else tuple(ids)
    return ActorSuggestion(
        ranking[0].profile_id if ranking and not missing else None, tuple(ranking), missing
    )
