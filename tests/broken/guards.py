"""Stores that read a guard too narrowly or too widely, or do not know one kind of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from accountmerge.messages import Facts
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import from_microseconds, parse_rfc3339, rfc3339
from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accountmerge.changes.edits import Edit
    from accountmerge.changes.guards import Guard, GuardKind
    from accountmerge.model.entities import EntityName
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class _DoesNotKnow(ReferenceStore):
    """Lets one kind of guard pass."""

    _unknown: ClassVar[GuardKind]

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        return guard.kind == self._unknown or super()._holds(guard, draft, step_run)


class IgnoresSlots(_DoesNotKnow):
    """Does not ask whether a slot is free."""

    _unknown = "slot_free"


class IgnoresAddresses(_DoesNotKnow):
    """Does not ask whether somebody else signs in with an address."""

    _unknown = "address_unclaimed"


class IgnoresReferences(_DoesNotKnow):
    """Retires a customer without asking what names it meanwhile."""

    _unknown = "no_other_reference"


class IgnoresLikeRecords(_DoesNotKnow):
    """Moves a record to where another says the same already."""

    _unknown = "no_like_record"


class IgnoresLateBookings(_DoesNotKnow):
    """Closes a schedule without asking who has booked meanwhile."""

    _unknown = "no_other_future_booking"


class IgnoresLateRecords(_DoesNotKnow):
    """Closes a schedule without asking which records have come meanwhile."""

    _unknown = "no_other_record"


class IgnoresSchedules(_DoesNotKnow):
    """Opens a schedule beside another one that is open."""

    _unknown = "only_active_schedule"


class IgnoresAccess(_DoesNotKnow):
    """Does not ask whether the profile may still see the customer."""

    _unknown = "access_holds"


class IgnoresTheClock(_DoesNotKnow):
    """Does not ask whether what it cancels has begun, or what it approves has expired."""

    _unknown = "not_after"


class IgnoresNumbers(_DoesNotKnow):
    """Deletes a booking though people know it by a number."""

    _unknown = "unnumbered"


class RemovesWhatOthersReferTo(ReferenceStore):
    """Removes an entity without asking who refers to it by now."""

    def _would_dangle(self, draft: Disk, edits: Sequence[Edit]) -> bool:
        return False


class LooksForAttachedRecordsOnly(ReferenceStore):
    """Asks of an entity to remove which records are attached to it, and not what else refers to it."""

    def _would_dangle(self, draft: Disk, edits: Sequence[Edit]) -> bool:
        seen = draft.copy()
        seen.rows["appointment"] = {}
        seen.rows["access_request"] = {}
        return any(edit.entity == "record" for edit in edits) and super()._would_dangle(seen, edits)


class _Misreads(ReferenceStore):
    """Asks another question than a guard does, or asks it of other rows."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        return super()._holds(self._read(guard), self._seen(guard, draft), step_run)

    def _read(self, guard: Guard) -> Guard:
        """Return what it takes a guard for."""
        return guard

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        """Return the rows that it asks."""
        del guard
        return draft


class LooksIntoOneProfile(_Misreads):
    """Looks for bookings in one profile, and not in the others of the same practitioner."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "slot_free" or "profile_id" not in guard.facts:
            return draft
        own = guard.facts["profile_id"]
        return _only(draft, "appointment", lambda row: row.profile_id == own)


class ForgetsTheCustomersDay(_Misreads):
    """Looks for bookings of the practitioner, and not for those that the customer has with others."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "slot_free" or "customer_id" not in guard.facts:
            return draft
        return _only(draft, "appointment", lambda _: False)


class LooksForBookedOnly(_Misreads):
    """Takes a slot for free that somebody holds and has not booked yet."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "slot_free":
            return draft
        return _only(draft, "appointment", lambda row: row.status == "booked")


class TakesTouchingForOverlapping(_Misreads):
    """Takes bookings that only touch for overlapping."""

    def _read(self, guard: Guard) -> Guard:
        if guard.kind != "slot_free":
            return guard
        start, end = (parse_rfc3339(str(guard.facts[name])) for name in ("start", "end"))
        wider = {"start": rfc3339(from_microseconds(start - 1)), "end": rfc3339(from_microseconds(end + 1))}
        return attrs.evolve(guard, facts=Facts(**{**guard.facts, **wider}))


class ComparesAddressesAsWritten(_Misreads):
    """Compares addresses letter by letter, and so takes one in capitals for another."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "address_unclaimed":
            return draft
        text = guard.facts["address"]
        people = _only(draft, "customer", lambda row: text in [email.address.text for email in row.emails])
        return _only(people, "profile", lambda row: row.email.text == text)


class ForgetsFormerLogins(_Misreads):
    """Gives an address to a customer that was another's login, and that one may want back."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "address_unclaimed":
            return draft
        mailbox = EmailAddress(str(guard.facts["address"])).mailbox
        return _only(draft, "customer", lambda row: mailbox in row.primary_mailboxes)


class ForgetsAccessRequests(_Misreads):
    """Retires a customer who is asked about in a pending access request."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        return (
            _only(draft, "access_request", lambda _: False) if guard.kind == "no_other_reference" else draft
        )


class LooksAtOpenBookingsOnly(_Misreads):
    """Retires a customer whose past is named by bookings that came meanwhile: it looks at live ones only."""

    def _seen(self, guard: Guard, draft: Disk) -> Disk:
        if guard.kind != "no_other_reference":
            return draft
        return _only(draft, "appointment", lambda row: row.is_live)


class TakesAnyAccess(_Misreads):
    """Asks whether the profile may see the customer, and not whether it may treat them."""

    def _read(self, guard: Guard) -> Guard:
        if guard.kind != "access_holds":
            return guard
        return attrs.evolve(guard, facts=Facts(**{**guard.facts, "level": "viewing"}))


class ForgetsTheLogin(_Misreads):
    """Asks whether the profile may see the customer, and not whether anybody can sign in to it."""

    def _read(self, guard: Guard) -> Guard:
        if guard.kind != "access_holds":
            return guard
        return attrs.evolve(
            guard, facts=Facts(**{name: fact for name, fact in guard.facts.items() if name != "login"})
        )


def _only(draft: Disk, name: EntityName, counts: Callable[[Any], bool]) -> Disk:
    """Return a draft with those rows of a kind that count."""
    seen = draft.copy()
    seen.rows[name] = {id: row for id, row in draft.rows[name].items() if counts(row)}
    return seen
