"""The faults that data can have, by a look at every row and pair; shares nothing with the library but its values."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import accountmerge as am

Named = tuple[str, tuple[str, ...]]
"""A code, and the ids of the rows that it is said of, sorted."""

LOOKED_FOR = frozenset(
    {
        "absorbed_active",
        "absorbed_not_empty",
        "absorbed_signs_in",
        "appointment_number_twice",
        "booking_in_closed_profile",
        "email_claimed_twice",
        "merged_in_chain",
        "merged_in_circle",
        "record_number_twice",
        "session_split",
        "several_active_schedules",
        "several_primary_emails",
        "several_replacements",
        "succession_circle",
    }
)


def faults_by_hand(given: am.Snapshot) -> set[Named]:
    """Return the faults of the codes that are looked for."""
    found = [
        *_merges(given),
        *_absorbed(given),
        *_profiles(given),
        *_bookings(given),
        *_sessions(given),
        *_addresses(given),
        *_numbers(given),
    ]
    return {(code, tuple(sorted(set(ids)))) for code, ids in found}


def _walk(links: dict[str, str | None], start: str) -> list[str]:
    """Return where the links lead from a row, once around if they lead in a circle."""
    path: list[str] = []
    onward = links[start]
    while onward is not None and onward not in path:
        path.append(onward)
        onward = links[onward]
    return path


def _circles(code: str, links: dict[str, str | None]) -> Iterator[tuple[str, list[str]]]:
    for start in links:
        path = _walk(links, start)
        if start in path:
            yield code, path


def person_by_hand(given: am.Snapshot, id: str) -> str:
    links = {row.id: row.merged_into for row in given.customers}
    path = [id, *_walk(links, id)]
    last = links[path[-1]]
    return path[-1] if last is None else min(path[path.index(last) :])


def _merges(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    links = {row.id: row.merged_into for row in given.customers}
    yield from _circles("merged_in_circle", links)
    for id in links:
        path = _walk(links, id)
        if path and links[path[0]] is not None and id not in path:
            yield "merged_in_chain", [id]


def _absorbed(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    for row in given.customers:
        if row.merged_into is None:
            continue
        if row.status != "disabled":
            yield "absorbed_active", [row.id]
        if row.primary_mailboxes:
            yield "absorbed_signs_in", [row.id]
        values = (row.emails, row.phones, row.opt_outs, row.former_record_numbers, row.attributes.value)
        rows: list[Any] = [*given.appointments, *given.records, *given.access]
        rows += [asked for asked in given.access_requests if asked.status == "pending"]
        named = any(row.id in (other.customer_id, _related(other)) for other in rows)
        if named or any(values) or row.birth_date is not None or row.address is not None:
            yield "absorbed_not_empty", [row.id]


def _related(row: Any) -> Any:
    return getattr(row, "related_customer_id", None)


def _profiles(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    yield from _circles("succession_circle", {row.id: row.succeeded_by for row in given.profiles})
    for one, other in itertools.permutations(given.profiles, 2):
        both = (one, other)
        if one.practitioner_id == other.practitioner_id and all(row.schedule == "active" for row in both):
            human = [row.id for row in given.profiles if row.practitioner_id == one.practitioner_id]
            yield "several_active_schedules", [id for id in human if given.profiles[id].schedule == "active"]


def _bookings(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    def below(id: str) -> set[str]:
        found = {id}
        while True:
            more = {
                row.id
                for row in given.appointments
                if row.replaces in found or any(given.appointments[up].replaced_by == row.id for up in found)
            }
            if more <= found:
                return found
            found |= more

    stands = {
        row.id: any(given.appointments[id].is_live for id in below(row.id)) for row in given.appointments
    }
    for row in given.appointments:
        profile = given.profiles[row.profile_id]
        closed = profile.schedule == "inactive" or profile.succeeded_by is not None
        if closed and row.is_live and row.slot.start >= given.taken_at:
            yield "booking_in_closed_profile", [row.id]
        replacements_of = [
            other.id
            for other in given.appointments
            if other.id != row.id
            and (other.replaces == row.id or row.replaced_by == other.id)
            and stands[other.id]
        ]
        if len(replacements_of) > 1:
            yield "several_replacements", [row.id, *replacements_of]


def _sessions(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    live = [row for row in given.appointments if row.is_live and row.session_id is not None]
    for one, other in itertools.combinations(live, 2):
        humans = [given.profiles[row.profile_id].practitioner_id for row in (one, other)]
        if humans[0] == humans[1] and one.session_id == other.session_id and one.slot != other.slot:
            yield "session_split", [humans[0], str(one.session_id)]


def _addresses(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    for row in given.customers:
        if len(row.primary_mailboxes) > 1:
            yield "several_primary_emails", [row.id]
        for mailbox in row.reserved_mailboxes:
            holders = [other.id for other in given.customers if mailbox in other.reserved_mailboxes]
            if len(holders) > 1:
                yield "email_claimed_twice", holders
    for profile in given.profiles:
        holders = [other.id for other in given.profiles if other.mailbox == profile.mailbox]
        if len(holders) > 1:
            yield "email_claimed_twice", holders


def _keeps(given: am.Snapshot, row: am.Customer) -> bool:
    """Return whether the survivor of an absorbed customer keeps its number among the former ones."""
    into = row.merged_into
    return into is not None and row.record_number in given.customers[into].former_record_numbers


def _numbers(given: am.Snapshot) -> Iterator[tuple[str, list[str]]]:
    for row in given.appointments:
        same = [
            other.id for other in given.appointments if row.number is not None and other.number == row.number
        ]
        if len(same) > 1:
            yield "appointment_number_twice", same
    for one, other in itertools.permutations(given.customers, 2):
        for number in {one.record_number, *one.former_record_numbers}:
            strangers = person_by_hand(given, one.id) != person_by_hand(given, other.id)
            both_have_it = number == one.record_number == other.record_number
            if (both_have_it and not _keeps(given, one) and not _keeps(given, other)) or (
                strangers and number in (other.record_number, *other.former_record_numbers)
            ):
                yield (
                    "record_number_twice",
                    [
                        row.id
                        for row in given.customers
                        if number in (row.record_number, *row.former_record_numbers)
                    ],
                )
