"""The Django models of a practice as a store for an `Applier`: a file to adapt.

Every query uses `_base_manager` and names its database. No `save()` of an entity and no signal of it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_driver import Store, drive
from django_practice.models import LONGEST, Access, Attendee, Booking, Calendar, Invoice, Note, Request

import accountmerge as am
from accountmerge import changes

MODELS: Any = {"profile": Calendar, "customer": Attendee, "appointment": Booking, "record": Note}
MODELS |= {"access": Access, "access_request": Request}
KINDS = {model: kind for kind, model in MODELS.items()}
OWNERS = "profile_id=calendar customer_id=attendee "
COLUMNS = {
    Calendar: "practitioner_id=person email=login login=enabled schedule=state",
    Attendee: "record_number=file_no given_name=first_name family_name=last_name birth_date=born address=street"
    " status=active email=email phone=phone",
    Booking: OWNERS + "start=starts end=ends time_zone=zone modality=way status=state replaces=moved_from",
    Note: OWNERS + "kind=kind data=body",
    Access: OWNERS + "level=level",
    Request: OWNERS,
}
"""The columns of each model, by the keys of entities as JSON."""
FIELDS: Any = {
    model: {key: model._meta.get_field(name) for key, name in (pair.split("=") for pair in pairs.split())}
    for model, pairs in COLUMNS.items()
}
LIVE = (0, 1)
LIMITS = am.Limits(longest_text=LONGEST)
MOST = 100
"""The most conditions of a query, because SQLite refuses a query with a thousand of them."""


class Practice(Store):
    """The models of the practice."""

    def lock(self, kind: str, id: str) -> None:
        self.read(MODELS[kind]).filter(pk=number(id)).first()

    def find(self, questions: changes.Questions) -> Iterator[Any]:
        """Read the rows that answer questions."""
        asked: dict[str, list[Q]] = defaultdict(list)
        for kind, ids in questions.ids:
            asked[kind] += [Q(pk=number(id)) for id in ids]
        for each in questions.equalities:
            conditions = [condition(MODELS[each.entity], each.attribute, value) for value in each.values]
            asked[each.entity] += conditions
        asked["access"] += [
            Q(calendar=number(one), attendee=number(other)) for one, other in questions.access
        ]
        for live in questions.bookings:
            overlap = condition(Booking, live.field, live.id) & Q(state__in=LIVE, ends__gt=plain(live.start))
            asked["appointment"].append(overlap & Q(starts__lt=plain(live.end)) if live.end else overlap)
        for name, conditions in asked.items():
            for first in range(0, len(conditions), MOST):
                rows = self.read(MODELS[name]).filter(reduce(or_, conditions[first : first + MOST]))
                yield from map(entity, rows)

    def write(self, edit: changes.Edit) -> changes.WrittenEntity:
        """Insert, update or delete a row."""
        model, pk = MODELS[edit.entity], number(edit.id)
        rows = self.all(model)
        if edit.after is None:
            rows.filter(pk=pk).delete()
        elif edit.before is not None:
            if not rows.filter(pk=pk).update(updated=self.clock(), **columns(model, edit.after)):
                raise changes.Conflict  # it was deleted
        else:
            row = model(**columns(model, edit.after))
            if model is Booking:  # the library does not know the column `room`
                row.room = rows.filter(pk=row.moved_from_id).values_list("room", flat=True).first()
            rows.bulk_create([row])
            pk = row.pk
        return changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=named(model, pk))

    def follow(self, moved: changes.Moved) -> None:
        """Let an invoice that is not paid go with its booking; others stay."""
        if moved.entity == "appointment":
            unpaid = self.all(Invoice).filter(booking=number(moved.old_id), paid=False)
            unpaid.update(booking=number(moved.new_id))


def apply(
    change_set: Any,
    *,
    by: str,
    using: str = "default",
    clock: Callable[[], datetime] = timezone.now,
    reach: Callable[[str], object] = lambda _: None,
) -> Any:
    """Apply the remaining steps of a plan or a change set."""
    applier = changes.Applier(changes.compiled(change_set), by=by, gives_ids=True)
    return drive(Practice(using, clock), applier, reach)


def snapshot(using: str = "default", clock: Callable[[], datetime] = timezone.now) -> am.Snapshot:
    """Read everything, or raise an error if codes have no meaning."""
    store = Practice(using, clock)
    with transaction.atomic(using=using):
        for model, fields in FIELDS.items():
            for field in (field for field in fields.values() if field.choices):
                unknown = store.all(model).exclude(**{f"{field.name}__in": dict(field.choices)}).count()
                if unknown:
                    raise ValueError(f"{unknown} rows of {model.__name__} have an unknown {field.name}")
        return am.Snapshot(store.clock()).changed(entity(row) for model in FIELDS for row in store.all(model))


def entity(row: Any) -> Any:
    """Return the entity of a row."""
    data = dict(row.rest, id=named(type(row), row.pk))
    for key, field in FIELDS[type(row)].items():
        value = getattr(row, field.attname)
        if value is not None:
            data[key] = shown(field, value)
    if isinstance(row, Attendee):
        primary = [{"address": data.pop("email"), "use": "primary"}] if "email" in data else []
        data["emails"] = primary + data.get("emails", [])
        data["phones"] = [data.pop("phone"), *data.get("phones", [])] if "phone" in data else []
    return am.documents.entity_from_json(KINDS[type(row)], data)


def columns(model: Any, row: Any) -> dict[str, Any]:
    """Return the columns of an entity; `rest` has the values without a column."""
    data: Any = am.documents.entity_to_json(row)
    if model is Attendee:
        primary = [each for each in data["emails"] if each["use"] == "primary" and "login_of" not in each][:1]
        data["emails"] = [each for each in data["emails"] if each not in primary]
        data |= {"email": each["address"] for each in primary}  # noqa: B035 - there is one
        data["phone"], *data["phones"] = data.get("phones") or [None]
    values = {}
    for key, field in FIELDS[model].items():
        values[field.attname] = stored(field, data.pop(key)) if isinstance(data.get(key), str) else None
    return values | {"rest": {key: data[key] for key in data if key != "id" and data[key] not in (None, [])}}


def shown(field: Any, value: Any) -> Any:
    if field.choices:
        return dict(field.choices)[value]
    if field.is_relation:
        return named(field.related_model, value)
    return value.isoformat() if isinstance(value, date) else value


def stored(field: Any, value: str) -> Any:
    if field.choices:
        return next(code for code, word in field.choices if word == value)
    return number(value) if field.is_relation else field.to_python(value)


def condition(model: Any, key: str, value: str) -> Q:
    """Return the condition for a question; one about mailboxes reads every row."""
    if "mailbox" in key or key == "former_logins":
        return Q(pk__gt=0)
    field = FIELDS[model].get(key)
    return Q(**{field.name: stored(field, value)} if field else {f"rest__{key}": value})


def named(model: Any, pk: Any) -> str:
    return f"{model._meta.model_name}-{pk}"


def number(id: str) -> int | None:
    digits = id.rpartition("-")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004


def plain(instant: datetime) -> datetime:
    """Return an instant of the class that database adapters know, instead of that of pendulum."""
    return datetime.fromisoformat(instant.isoformat())
