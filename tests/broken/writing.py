"""Stores that write something else than the images of a step, or read back something else than was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.json_text import EMPTY_OBJECT, FrozenJson
from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from accountmerge.model.entities import Entity
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class AddsPhones(ReferenceStore):
    """Adds the phones that a step brings to those that others have added, and so does not compare phones either."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        seen = draft.copy()
        for edit in step_run.step.edits:
            row = draft.rows[edit.entity].get(edit.id)
            for image in (edit.before, edit.after):
                if isinstance(row, Customer) and isinstance(image, Customer):
                    row = attrs.evolve(row, phones=image.phones)
                    if step_run.revisions.place(edit.key, row) is not None:
                        seen.rows[edit.entity][edit.id] = row
                        break
        return super()._pending(seen, step_run, started=started)

    def _write(self, draft: Disk, edit: Edit) -> None:
        found, before, after = draft.rows[edit.entity].get(edit.id), edit.before, edit.after
        if isinstance(found, Customer) and isinstance(before, Customer) and isinstance(after, Customer):
            kept = [phone for phone in found.phones if phone in after.phones or phone not in before.phones]
            added = [phone for phone in after.phones if phone not in before.phones]
            if found.phones != before.phones:
                edit = Edit(before, attrs.evolve(after, phones=[*kept, *added]))
        super()._write(draft, edit)


class _WritesAnother(ReferenceStore):
    """Writes another image than that of the edit."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        if edit.after is not None:
            found = draft.rows[edit.entity].get(edit.id)
            edit = Edit(edit.before, self._written(edit.after, found))
        super()._write(draft, edit)

    def _written(self, image: Any, found: Any) -> Any:
        """Return what is written in place of an image, where this row was found."""
        raise NotImplementedError


class _ForgetsAField(_WritesAnother):
    """Knows a field when it inserts a row, and forgets it when it updates one."""

    _field: ClassVar[str]

    def _written(self, image: Any, found: Any) -> Any:
        if found is None or not hasattr(found, self._field):
            return image
        return attrs.evolve(image, **{self._field: getattr(found, self._field)})


class ForgetsAttributes(_ForgetsAField):
    """Updates all columns of a customer but the attributes, which came later."""

    _field = "attributes"


class ForgetsOptOuts(_ForgetsAField):
    """Updates all columns of a customer but what they do not want."""

    _field = "opt_outs"


class ForgetsFormerNumbers(_ForgetsAField):
    """Updates all columns of a customer but the record numbers of before."""

    _field = "former_record_numbers"


class ForgetsCancelReasons(_ForgetsAField):
    """Cancels bookings without saying why, so that a rebooking counts as a cancellation."""

    _field = "cancel_reason"


class ForgetsLinks(_ForgetsAField):
    """Cancels bookings without saying what was booked in their place."""

    _field = "replaced_by"


class ForgetsUnavailableTimes(_ForgetsAField):
    """Updates all of a profile but the times in which it cannot be booked."""

    _field = "unavailable"


class ForgetsWhoseLogin(_WritesAnother):
    """Writes addresses without the customer whose login they once were."""

    def _written(self, image: Any, found: Any) -> Any:
        del found
        if not isinstance(image, Customer):
            return image
        return attrs.evolve(image, emails=[CustomerEmail(row.address, row.use) for row in image.emails])


class EmptiesNothing(_WritesAnother):
    """Writes only the values that a row has (`if value:`), and so never empties one."""

    def _written(self, image: Any, found: Any) -> Any:
        fields = [] if found is None else attrs.fields(type(image))
        empty = [field.name for field in fields if getattr(image, field.name) in (None, (), "", EMPTY_OBJECT)]
        return attrs.evolve(image, **{name: getattr(found, name) for name in empty})


class TakesZeroForFalse(_WritesAnother):
    """Writes the attributes through a layer that has one type for `0` and `false`."""

    def _written(self, image: Any, found: Any) -> Any:
        del found
        return _with_attributes(image, lambda value: False if value == 0 else value)


class TakesFalseForNothing(_WritesAnother):
    """Writes `value or None` for every attribute."""

    def _written(self, image: Any, found: Any) -> Any:
        del found
        return _with_attributes(image, lambda value: value or None)


def _with_attributes(image: Any, written: Any) -> Any:
    """Return a customer with other values of attributes."""
    if not isinstance(image, Customer):
        return image
    values = {name: written(value) for name, value in image.attributes.value.items()}
    return attrs.evolve(image, attributes=FrozenJson.of(values))


class WritesNoAccessRequests(ReferenceStore):
    """Writes five kinds of entity: the access requests stand in another system."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        if edit.entity != "access_request":
            super()._write(draft, edit)


class RemovesNothing(ReferenceStore):
    """Writes what is created and changed, and nothing where a row is to be removed."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        if edit.after is not None:
            super()._write(draft, edit)


class StoresIdsWithoutCase(ReferenceStore):
    """Has keys that are compared without case (`COLLATE NOCASE`), so that one row takes the place of another."""

    def seed(self, snapshot: Snapshot) -> None:
        """Keep the last row of those whose ids differ only in case."""
        super().seed(snapshot)
        for name, rows in self._disk.rows.items():
            last = {id.casefold(): row for id, row in rows.items()}
            self._disk.rows[name] = {row.id: row for row in last.values()}


class WritesIdsWithoutCase(ReferenceStore):
    """Compares ids without case where it writes (`WHERE lower(id) = lower(?)`), and so writes two rows for one."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        super()._write(draft, edit)
        rows = draft.rows[edit.entity]
        for id in [id for id in rows if id != edit.id and id.casefold() == edit.id.casefold()]:
            image: Any = edit.after
            if image is None:
                del rows[id]
            else:
                self._put(draft, attrs.evolve(image, id=id))


class _ReadsBackAnother(ReferenceStore):
    """Has no room for something that a row holds."""

    def dump(self) -> Snapshot:
        """Return all that there was room for."""
        found = super().dump()
        rows: list[Entity] = [row for table in _tables(found) for row in table]
        return found.changed([self._stored(row) for row in rows])

    def _stored(self, row: Any) -> Any:
        """Return what there is room for."""
        raise NotImplementedError


def _tables(snapshot: Snapshot) -> tuple[Any, ...]:
    return (snapshot.customers, snapshot.appointments)


class StoresNoTimeZones(_ReadsBackAnother):
    """Stores instants, and not the time zone in which a time was promised."""

    def _stored(self, row: Any) -> Any:
        return attrs.evolve(row, time_zone="UTC") if hasattr(row, "time_zone") else row


class StoresSmallLetters(_ReadsBackAnother):
    """Stores addresses in small letters, though a customer wrote them otherwise."""

    def _stored(self, row: Any) -> Any:
        if not isinstance(row, Customer):
            return row
        emails = [attrs.evolve(email, address=email.address.text.lower()) for email in row.emails]
        return attrs.evolve(row, emails=emails)


class StoresPhonesInOrder(_ReadsBackAnother):
    """Stores phones in a table of their own, and so forgets which one the customer named first."""

    def _stored(self, row: Any) -> Any:
        return attrs.evolve(row, phones=sorted(row.phones)) if isinstance(row, Customer) else row
