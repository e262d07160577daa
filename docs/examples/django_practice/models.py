"""The tables of an invented practice, and at the end the two tables that an applier needs."""

from __future__ import annotations

from typing import Any

from django.db import models

LONGEST = 200
"""The longest text of a column."""


def text(**options: Any) -> Any:
    return models.CharField(max_length=LONGEST, **options)


def words(*words: str, field: Any = models.SmallIntegerField) -> Any:
    """Return a column of codes. A word of the library is the label of each."""
    return field(choices=list(enumerate(words)))


def link(to: Any, **options: Any) -> Any:
    """Return a foreign key that Django never follows to delete; the database checks it at commit."""
    return models.ForeignKey(to, models.DO_NOTHING, related_name="+", **options)


class Row(models.Model):
    """Columns of every table; `rest` is the one that was added: values that have no column."""

    updated = models.DateTimeField(auto_now=True)
    rest = models.JSONField(default=dict)

    class Meta:
        abstract = True


class Calendar(Row):
    person = text()
    login = text()
    enabled = words("disabled", "enabled", field=models.BooleanField)
    state = words("pending", "active", "inactive")


class CurrentAttendees(models.Manager):
    """A manager that hides attendees who are no longer active."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(active=True)


class Attendee(Row):
    file_no = text()
    first_name = text(null=True)
    last_name = text(null=True)
    email = text(null=True)
    phone = text(null=True)
    born = models.DateField(null=True)
    street = text(null=True)
    active = words("disabled", "active", field=models.BooleanField)

    objects = CurrentAttendees()

    def save(self, **options: Any) -> None:
        self.email = self.email and self.email.lower()
        super().save(**options)


class Booking(Row):
    calendar = link(Calendar)
    attendee = link(Attendee)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    zone = text()
    way = text()
    state = words("held", "booked", "completed", "cancelled", "missed")
    moved_from = link("Booking", null=True)
    room = text(null=True)

    class Meta:
        indexes = (models.Index(fields=["calendar", "ends"]), models.Index(fields=["attendee", "ends"]))


class Invoice(models.Model):
    booking = models.ForeignKey(Booking, models.PROTECT)
    paid = models.BooleanField(default=False)


class Note(Row):
    kind = text(default="note")
    calendar = link(Calendar, null=True)
    attendee = link(Attendee)
    body = models.TextField(null=True)


class Access(Row):
    calendar = link(Calendar)
    attendee = link(Attendee)
    level = text()


class Request(Row):
    calendar = link(Calendar)
    attendee = link(Attendee)


class Receipt(models.Model):
    plan_id = text()
    ordinal = models.PositiveIntegerField()
    body = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["plan_id", "ordinal"], name="one_receipt"),)


class Outbox(models.Model):
    id = text(primary_key=True)
    kind = text()
    facts = models.JSONField()
