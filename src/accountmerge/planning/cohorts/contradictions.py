"""Contradictions: what requests of one cohort cannot have at once, and so none of them gets a plan for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.rules.migration_requests import MigrationRequest


def contradictions(
    snapshot: Snapshot, requests: Sequence[MigrationRequest]
) -> dict[int, tuple[Finding, ...]]:
    """Return, by the place of each request that contradicts another one, why.

    Requests contradict each other that move one practitioner, be it from one profile or from one to the next; that
    ask for one address; or that give one number to two bookings.
    """
    found: dict[int, set[Finding]] = {}
    for together, finding in (
        *_moving_twice(snapshot, requests),
        *_asking_twice(requests),
        *_numbering_twice(requests),
    ):
        for place in together:
            found.setdefault(place, set()).add(finding)
    return {
        place: tuple(sorted(findings, key=lambda f: (f.code, f.ids))) for place, findings in found.items()
    }


_Told = Iterator[tuple[set[int], Finding]]


def _moving_twice(snapshot: Snapshot, requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that move one practitioner: which of them comes first, only a person can say."""
    humans: list[tuple[int, str]] = []
    for place, request in enumerate(requests):
        profile = snapshot.profiles.get(request.profile_id)
        if profile is not None:  # what is wrong with an unknown one, its plan says
            humans.append((place, profile.practitioner_id))
    for human, places in _several(humans).items():
        ids = tuple(sorted({requests[place].profile_id for place in places}))
        yield (
            places,
            Finding.of("moves_twice", ids, practitioner_id=human, profile_ids=ids, count=len(places)),
        )


def _asking_twice(requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that ask for one address."""
    for places in _several(
        (place, request.new_email.mailbox) for place, request in enumerate(requests)
    ).values():
        ids = tuple(sorted({requests[place].profile_id for place in places}))
        if len(ids) > 1:  # one profile that moves twice is told of already
            yield places, Finding.of("email_asked_twice", ids, profile_ids=ids)


def _numbering_twice(requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that give one number to two bookings, or to one booking of two."""
    numbers = ((place, number) for place, request in enumerate(requests) for _, number in request.numbers)
    for number, places in _several(numbers).items():
        booked = {id for place in places for id, given in requests[place].numbers if given == number}
        ids = tuple(sorted(booked))
        yield places, Finding.of("number_asked_twice", ids, appointment_ids=ids)


def _several(keys: Iterable[tuple[int, str]]) -> Mapping[str, set[int]]:
    """Return the keys that more than one place has, with these places."""
    found: dict[str, set[int]] = {}
    for place, key in keys:
        found.setdefault(key, set()).add(place)
    return {key: places for key, places in found.items() if len(places) > 1}
