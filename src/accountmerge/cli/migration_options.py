"""Migration options: from the words of the command line to a request, with all that is wrong in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.model.instants import from_microseconds, parse_rfc3339

if TYPE_CHECKING:
    import pendulum


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
    numbers: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    accepted_by: str | None = None
    why: str | None = None

    def read(self) -> tuple[am.MigrationRequest, pendulum.DateTime]:
        """Return the request, and the instant it is planned for.

        Raises:
            BadInput: Something is no time, no number or no text; every such thing is named.
        """
        problems: list[am.AccountMergeError] = _unencodable(self)
        agreed_at = _instant("--agreed-at", self.agreed_at, problems)
        at = _instant("--at", self.at, problems)
        numbers = _numbers(self.numbers, problems)
        acceptances = _acceptances(self, problems)
        if problems or agreed_at is None or at is None:
            raise BadInput(*problems)
        request = am.MigrationRequest(
            profile_id=self.profile,
            new_email=am.EmailAddress(self.new_email),
            reason=self.reason,
            ticket=self.ticket,
            agreement=am.Agreement(by=self.agreed_by, at=agreed_at, version=self.agreed_version),
            numbers=numbers,
            accept=acceptances,
        )
        return request, at


class OptionProblem(Problem):
    """One thing that is wrong with the value of an option."""

    def describe(self, language: str = "en") -> str:
        """Return the option and the sentence for this problem in a language."""
        return f"{self.facts['option']}: {super().describe(language)}"


def _unencodable(options: MigrationOptions) -> list[am.AccountMergeError]:
    """Return a problem for each option whose bytes were not text: no file could hold them."""
    found: list[am.AccountMergeError] = []
    for name, value in attrs.asdict(options, recurse=False).items():
        texts = value if isinstance(value, tuple) else (value or "",)
        if not all(_is_encodable(text) for text in texts):
            option = "--number" if name == "numbers" else f"--{name.replace('_', '-')}"
            found.append(OptionProblem("not_text", option=option))
    return found


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _instant(option: str, text: str, problems: list[am.AccountMergeError]) -> pendulum.DateTime | None:
    try:
        return from_microseconds(parse_rfc3339(text))
    except am.InvalidValueError as error:
        problems.append(am.Fault("invalid_value", option, reason=error.code))
        return None


def _numbers(pairs: tuple[str, ...], problems: list[am.AccountMergeError]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for pair in pairs:
        id, _, number = pair.rpartition("=")  # an id may hold an equals sign, a number does not
        if not (id and number):
            problems.append(OptionProblem("bad_number", option="--number"))
        elif numbers.setdefault(id, number) != number:
            problems.append(OptionProblem("number_twice", option="--number", id=id))
    return numbers


def _acceptances(
    options: MigrationOptions, problems: list[am.AccountMergeError]
) -> tuple[am.Acceptance, ...]:
    by, why = (options.accepted_by or "").strip(), (options.why or "").strip()
    if options.accept and not (by and why):
        problems.append(Problem("accept_incomplete"))
    elif (options.accepted_by is not None or options.why is not None) and not options.accept:
        problems.append(Problem("accept_alone"))
    return tuple(am.Acceptance(finding=finding, by=by, why=why) for finding in options.accept)
