"""A deliberately narrow store: integer ids of its own, two phones, no hours, no attributes, seconds, three record tables."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

import accountmerge as am
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.reference import ReferenceStore
from own_id_stores import OwnIdStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.entities import Entity
    from accountmerge.testing.adapters import ForeignWrite
    from accountmerge.testing.reference.disks import Disk

LIMITS = am.Limits(
    longest_text=200,
    most_phones=2,
    most_emails=3,
    time_unit="second",
    hours=False,
    attributes=False,
    overlaps=False,
    record_kinds=["insurance_card", "note", "programme"],
)


class NarrowStore(OwnIdStore):
    """Has tables for what its limits allow, and refuses everything else."""

    limits: ClassVar[am.Limits] = LIMITS
    promised: ClassVar[am.Limits] = LIMITS
    """The limits that it is said to have; a store with a mistake has others."""

    def seed(self, snapshot: am.Snapshot) -> Any:
        if self._seeded is None or self._seeded[0] is not snapshot:
            self._refuse(snapshot)
        return super().seed(snapshot)

    def _refuse(self, snapshot: am.Snapshot) -> None:
        """Refuse data that the tables do not hold."""
        broken = {
            f"{kind.name}: {limit}"
            for kind in KINDS
            for row in snapshot.table(kind.collection)
            for _, limit in self.limits.violations(row)
        }
        if broken:
            raise CannotHold(min(broken))
        if self._overlaps(snapshot.appointments):
            raise CannotHold("appointment: overlaps")

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        with super()._transaction() as draft:
            yield draft
            rows: Any = draft.rows["appointment"]
            if self._overlaps(rows.values()):
                raise ValueError("no room: overlaps")

    def foreign_write(self, write: ForeignWrite) -> None:
        rows: dict[Any, Any] = {(kind_of(row).name, row.id): row for row in self.dump().appointments}
        rows |= {(kind_of(row).name, row.id): row for row in write.put}
        left = [row for key, row in rows.items() if key[0] == "appointment" and key not in write.drop]
        if self._overlaps(left):
            raise ValueError("no room: overlaps")
        super().foreign_write(write)

    def _overlaps(self, rows: Iterable[am.Appointment]) -> bool:
        """Return whether two live bookings of one profile or customer overlap, and the store takes none such."""
        live = [row for row in rows if row.is_live] if not self.limits.overlaps else []
        return any(
            first.slot.overlaps(second.slot)
            and (first.profile_id == second.profile_id or first.customer_id == second.customer_id)
            for first, second in combinations(live, 2)
        )

    def _put(self, draft: Disk, row: Entity) -> None:
        broken = [limit for _, limit in self.limits.violations(row)]
        if broken:
            raise ValueError(f"no room: {broken[0]}")
        super()._put(draft, self._held(row))

    def _held(self, row: Entity) -> Any:
        """Return what is kept of a row."""
        return row


class KeepsOnePhone(NarrowStore):
    """Keeps one phone and promises two."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, phones=row.phones[:1]) if isinstance(row, am.Customer) else row


class KeepsTwoEmails(NarrowStore):
    """Keeps two e-mail addresses of a customer and promises three."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, emails=row.emails[:2]) if isinstance(row, am.Customer) else row


class CutsAtAHundred(NarrowStore):
    """Cuts a text after 100 characters and promises 200."""

    def _held(self, row: Entity) -> Any:
        if not isinstance(row, am.Customer) or not row.address:
            return row
        return attrs.evolve(row, address=row.address[:100])


class CutsMinutes(NarrowStore):
    """Cuts instants to minutes and promises seconds."""

    def _held(self, row: Entity) -> Any:
        if not isinstance(row, am.AccessRequest):
            return row
        return attrs.evolve(row, expires_at=row.expires_at.replace(second=0))


class KeepsNoHours(NarrowStore):
    """Writes profiles without their hours and promises to keep them."""

    limits = promised = attrs.evolve(LIMITS, hours=True)

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, hours=None) if isinstance(row, am.Profile) else row


class KeepsNoAttributes(NarrowStore):
    """Writes customers without their attributes and promises to keep them."""

    limits = promised = attrs.evolve(LIMITS, attributes=True)

    def _held(self, row: Entity) -> Any:
        bare = am.model.FrozenJson.of({})
        return attrs.evolve(row, attributes=bare) if isinstance(row, am.Customer) else row


class KeepsNoOptOuts(NarrowStore):
    """Keeps no opt-outs and does not say so."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, opt_outs=()) if isinstance(row, am.Customer) else row


class RefusesOverlaps(NarrowStore):
    """Refuses a booking that overlaps another one and promises to take it."""

    promised = attrs.evolve(LIMITS, overlaps=True)


class KeepsOneTable(NarrowStore):
    """Has a table for notes only and promises three."""

    limits = attrs.evolve(LIMITS, record_kinds=["note"])


class KeepsRecordsAsNotes(NarrowStore):
    """Keeps every record in the table for notes and promises three tables."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, kind="note") if isinstance(row, am.Record) else row


class KeepsNoAbsorption(NarrowStore):
    """Forgets by which customer another one was absorbed, an effect that it promises to obey."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, merged_into=None) if isinstance(row, am.Customer) else row


class KeepsNoUnavailableTimes(NarrowStore):
    """Forgets when a profile is unavailable, an effect that it promises to obey."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, unavailable=()) if isinstance(row, am.Profile) else row


class KeepsNoFormerEmails(NarrowStore):
    """Forgets former addresses, an effect that it promises to obey."""

    def _held(self, row: Entity) -> Any:
        if not isinstance(row, am.Customer):
            return row
        return attrs.evolve(row, emails=[email for email in row.emails if email.use != "former"])


class DeniesAccessRequests(NarrowStore):
    """Keeps a pending request as denied, an effect that it promises to obey."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, status="denied") if isinstance(row, am.AccessRequest) else row


BREAKING: dict[str, tuple[type[NarrowStore], ...]] = {
    "longest_text": (CutsAtAHundred,),
    "most_phones": (KeepsOnePhone,),
    "most_emails": (KeepsTwoEmails,),
    "time_unit": (CutsMinutes,),
    "hours": (KeepsNoHours,),
    "attributes": (KeepsNoAttributes,),
    "opt_outs": (KeepsNoOptOuts,),
    "overlaps": (RefusesOverlaps,),
    "record_kinds": (KeepsOneTable, KeepsRecordsAsNotes),
    "not_obeyed": (
        KeepsNoAbsorption,
        KeepsNoUnavailableTimes,
        KeepsNoFormerEmails,
        DeniesAccessRequests,
    ),
}
"""For each field of the limits, stores that break the promise in it."""


class PlannedIds(ReferenceStore):
    """Keeps planned ids, and no opt-outs, and does not say so."""

    def _put(self, draft: Disk, row: Entity) -> None:
        super()._put(draft, attrs.evolve(row, opt_outs=()) if isinstance(row, am.Customer) else row)
