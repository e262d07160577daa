"""A deliberately narrow store: integer ids of its own, two phones, no hours, no attributes, seconds, three record tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.reference import ReferenceStore
from own_id_stores import OwnIdStore

if TYPE_CHECKING:
    from accountmerge.model.entities import Entity
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

    def seed(self, snapshot: am.Snapshot) -> Any:
        broken = {
            f"{kind.name}: {limit}"
            for kind in KINDS
            for row in snapshot.table(kind.collection)
            for _, limit in self.limits.violations(row)
        }
        if broken:
            raise CannotHold(min(broken))
        return super().seed(snapshot)

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


class KeepsOneTable(NarrowStore):
    """Has a table for notes only and promises three."""

    def seed(self, snapshot: am.Snapshot) -> Any:
        if any(row.kind != "note" for row in snapshot.records):
            raise CannotHold("a record without a table")
        return super().seed(snapshot)


class KeepsNoOptOuts(NarrowStore):
    """Keeps no opt-outs and does not say so."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, opt_outs=()) if isinstance(row, am.Customer) else row


class KeepsTwoEmails(NarrowStore):
    """Keeps two e-mail addresses of a customer and promises three."""

    def _held(self, row: Entity) -> Any:
        return attrs.evolve(row, emails=row.emails[:2]) if isinstance(row, am.Customer) else row


class PlannedIds(ReferenceStore):
    """Keeps planned ids, and no opt-outs, and does not say so."""

    def _put(self, draft: Disk, row: Entity) -> None:
        super()._put(draft, attrs.evolve(row, opt_outs=()) if isinstance(row, am.Customer) else row)
