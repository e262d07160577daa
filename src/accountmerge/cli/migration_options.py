"""Migration options: from the words of the command line to a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.migrations.requests import MIGRATION_REASONS

if TYPE_CHECKING:
    from datetime import datetime


@attrs.frozen(repr=False, kw_only=True)
class MigrationOptions:
    """What the command line says about a migration, as text.

    Attributes:
        profile: The old profile.
        new_email: The username of the new one.
        reason: Why.
        ticket: The reference of the request.
        agreed_by: Who agreed to the guide.
        agreed_at: When.
        agreed_version: To which version of it.
        at: The instant the plan is for.
        window_start: When availability is to go off, if a window is named.
        window_end: When it ends.
        numbers: Appointment numbers given ahead, as `ID=NUMBER`.
        accept: Ids of findings that somebody accepts.
        accepted_by: Who accepts them.
        why: Why.
    """

    profile: str
    new_email: str
    reason: str
    ticket: str
    agreed_by: str
    agreed_at: str
    agreed_version: str
    at: str
    window_start: str | None = None
    window_end: str | None = None
    numbers: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    accepted_by: str | None = None
    why: str | None = None

    def read(self) -> tuple[am.MigrationRequest, datetime]:
        """Return the request, and the instant it is planned for.

        Raises:
            BadInput: Something is no time, no number, no text or no reason; every such thing is named.
            InvalidValueError: A request cannot hold a value.
        """
        reader = OptionReader()
        values: dict[str, Any] = {
            "profile_id": reader.id("--profile", self.profile),
            "new_email": reader.text("--new-email", self.new_email),
            "reason": reader.word("--reason", self.reason, MIGRATION_REASONS),
            "ticket": reader.visible("--ticket", self.ticket),
            "window": reader.slot("--window", self.window_start, self.window_end),
            "numbers": _numbers(reader, self.numbers),
        }
        agreed: dict[str, Any] = {
            "by": reader.visible("--agreed-by", self.agreed_by),
            "at": reader.instant("--agreed-at", self.agreed_at),
            "version": reader.visible("--agreed-version", self.agreed_version),
        }
        at = reader.instant("--at", self.at)
        accepted = reader.acceptances(self.accept, self.accepted_by, self.why)
        reader.finish()
        return am.MigrationRequest(agreement=am.Agreement(**agreed), accept=accepted, **values), at


def _numbers(reader: OptionReader, pairs: tuple[str, ...]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for pair in (reader.visible("--number", pair) for pair in pairs):
        id, _, number = pair.rpartition("=")  # an id may hold an equals sign, a number does not
        if not (id and number):
            reader.refuse(OptionProblem("bad_number", option="--number"))
        elif numbers.setdefault(id, number) != number:
            reader.refuse(OptionProblem("number_twice", option="--number", id=id))
    return numbers
