"""Stores that tests of the kit need: wrong in one thing, or right in an unusual way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.reference import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pendulum

    from accountmerge.changes.edits import Edit
    from accountmerge.testing.adapters import Outcome, Reach
    from accountmerge.testing.reference.disks import Disk


class ForgetsOptOuts(ReferenceStore):
    """Writes customers without their opt-outs."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        after = edit.after
        if isinstance(after, am.Customer) and after.opt_outs:
            edit = am.changes.Edit(edit.before, attrs.evolve(after, opt_outs=()))
        super()._write(draft, edit)


class NeverCalls(ReferenceStore):
    """Applies rightly and never says where it is."""

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        return super().apply(change_set, now=now, reach=lambda _: None)


class Choosy(ReferenceStore):
    """Has a rule of its own: record numbers are unique, and nobody has two addresses of one kind."""

    def seed(self, snapshot: am.Snapshot) -> None:
        numbers = [row.record_number for row in snapshot.customers]
        if len(set(numbers)) < len(numbers):
            raise CannotHold
        super().seed(snapshot)


class HoldsNothing(ReferenceStore):
    """Cannot hold any data at all."""

    def seed(self, snapshot: am.Snapshot) -> None:
        raise CannotHold


class TellsNoTwinsApart(ReferenceStore):
    """Compares ids without case, and says so of data in which two ids differ only in that."""

    def seed(self, snapshot: am.Snapshot) -> None:
        for kind in KINDS:
            ids = [row.id.casefold() for row in snapshot.table(kind.collection)]
            if len(set(ids)) < len(ids):
                raise CannotHold("ids that differ only in case")
        super().seed(snapshot)


class LosesAllButTheFirst(ReferenceStore):
    """Writes the first edit of a step and says that it has written all."""

    def _pending(self, *arguments: Any, **more: Any) -> Any:
        pending = super()._pending(*arguments, **more)
        return pending and pending[:1]


class Raises(ReferenceStore):
    """Answers with an error of its own."""

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        raise OSError("the disk is full")


class Answers(ReferenceStore):
    """Answers with something that is no answer."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self._answer = answer

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> Any:
        return self._answer


class CatchesCrashes(ReferenceStore):
    """Goes on after its own end."""

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        try:
            return super().apply(change_set, now=now, reach=reach)
        except BaseException:  # noqa: BLE001 - this is the fault
            return {}


class RaisesRefusals(ReferenceStore):
    """Refuses as the library does, by `ApplyRefused`."""

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        present = am.Snapshot(
            now,
            profiles=self.dump().profiles,
            customers=self.dump().customers,
            appointments=self.dump().appointments,
            records=self.dump().records,
            access=self.dump().access,
            access_requests=self.dump().access_requests,
        )
        am.apply(present, change_set, self.journal)
        return super().apply(change_set, now=now, reach=reach)


class WithoutVersions(ReferenceStore):
    """Counts no versions."""

    def dump(self) -> am.Snapshot:
        found = super().dump()
        rows: Mapping[str, Any] = {
            name: [attrs.evolve(row, version=None) for row in getattr(found, name)]
            for name in ("profiles", "customers", "appointments", "records", "access", "access_requests")
        }
        return am.Snapshot(found.taken_at, **rows)
