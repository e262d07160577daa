"""The commands that prepare and plan a migration."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json, rules_from
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.cli.options import JsonOption, RulesOption, command
from accountmerge.cli.planning import Question, planning
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument
from accountmerge.migrations.requests import MIGRATION_REASONS
from accountmerge.model.instants import rfc3339
from accountmerge.reports.migration_text import no_window_lines, window_lines

_PROFILE_HELP = "The id of the profile that is left."
_REASON_HELP = f"Why: {', '.join(MIGRATION_REASONS)}."
_AT_HELP = (
    "What starts at this instant or later moves; with an offset, such as 2026-03-02T09:00:00+11:00; or `now`."
)
_WINDOW_START_HELP = "When availability goes off, with an offset; with --window-end. `windows` proposes some."
_NUMBER_HELP = "A number given ahead: ID is the appointment whose place is taken. Repeatable."
_EARLIEST_HELP = (
    "From when on people can be told: the notice counts from then, or from when the data were read."
)
_MOST = 1_000


@planning(accepts=True, at=Annotated[str, typer.Option("--at", metavar="TIME", help=_AT_HELP)])
def migrate(
    reader: OptionReader,
    profile: Annotated[str, typer.Option(metavar="ID", help=_PROFILE_HELP)],
    new_email: Annotated[str, typer.Option(metavar="ADDRESS", help="The username of the new profile.")],
    reason: Annotated[str, typer.Option(metavar="REASON", help=_REASON_HELP)],
    ticket: Annotated[str, typer.Option(metavar="TEXT", help="The reference of the request.")],
    agreed_by: Annotated[str, typer.Option(metavar="NAME", help="Who agreed to the guide.")],
    agreed_at: Annotated[str, typer.Option(metavar="TIME", help="When, with an offset.")],
    agreed_version: Annotated[str, typer.Option(metavar="TEXT", help="Which version of the guide.")] = "1",
    window_start: Annotated[str | None, typer.Option(metavar="TIME", help=_WINDOW_START_HELP)] = None,
    window_end: Annotated[str | None, typer.Option(metavar="TIME", help="When that ends.")] = None,
    number: Annotated[list[str] | None, typer.Option(metavar="ID=NUMBER", help=_NUMBER_HELP)] = None,
) -> Question:
    """Plan a practitioner's move to a new profile, and show the plan.

    No data are changed. A blocked plan is shown and written too, with its remedies.

    \b
    Example:
      accountmerge migrate practice.json --profile p-1 \\
        --new-email new@example.org --reason lost_mailbox --ticket T-12 \\
        --agreed-by "A. Name" --agreed-at 2026-03-01T09:00:00+11:00 \\
        --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    values: dict[str, Any] = {
        "profile_id": reader.id("--profile", profile),
        "new_email": reader.text("--new-email", new_email),
        "reason": reader.word("--reason", reason, MIGRATION_REASONS),
        "ticket": reader.visible("--ticket", ticket),
        "window": reader.slot("--window", window_start, window_end),
        "numbers": _numbers(reader, number or ()),
    }
    agreed: dict[str, Any] = {
        "by": reader.visible("--agreed-by", agreed_by),
        "at": reader.instant("--agreed-at", agreed_at, day="start"),
        "version": reader.visible("--agreed-version", agreed_version),
    }

    def request(**asked: Any) -> am.MigrationRequest:
        return am.MigrationRequest(agreement=am.Agreement(**agreed), **asked)

    return Question(am.plan_migration, am.MigrationRules, request, values)


def _numbers(reader: OptionReader, pairs: Iterable[str]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for pair in (reader.visible("--number", pair) for pair in pairs):
        id, _, number = pair.rpartition("=")  # an id may hold an equals sign, a number does not
        if not (id and number):
            reader.refuse(OptionProblem("bad_number", option="--number"))
        elif numbers.setdefault(id, number) != number:
            reader.refuse(OptionProblem("number_twice", option="--number", id=id))
    return numbers


@command
def windows(
    screen: Screen,
    data: SnapshotArgument,
    profile: Annotated[str, typer.Option(metavar="ID", help=_PROFILE_HELP)],
    earliest: Annotated[str | None, typer.Option(metavar="TIME", help=_EARLIEST_HELP)] = None,
    count: Annotated[str, typer.Option(metavar="N", help="How many windows at the most.")] = "5",
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """Propose windows for a move, the least disturbing first; ends with 1 if there is none.

    No plan is made: name a window to `migrate`.

    \b
    Example:
      accountmerge windows practice.json --profile p-1 --rules rules.json
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    id = reader.id("--profile", profile)
    told = None if earliest is None else reader.instant("--earliest", earliest, day="start")
    wanted = reader.count("--count", count, most=_MOST)
    reader.finish()
    in_force = rules_from(rules, am.MigrationRules)
    snapshot = data.snapshot(screen)
    proposals = am.migrations.propose_windows(snapshot, id, rules=in_force, earliest=told, count=wanted)
    if json:
        print_json([_plain(proposal) for proposal in proposals])
    elif proposals:
        zone = in_force.business_hours_for(snapshot.profiles[id]).zone
        screen.report(window_lines(proposals, zone, screen.language))
    else:
        start = told or snapshot.taken_at
        estimate = am.migrations.estimate_blackout(snapshot, id, start=start, rules=in_force)
        screen.report(no_window_lines(estimate, screen.language))
    return READY if proposals else FOUND


def _plain(proposal: am.migrations.WindowProposal) -> dict[str, Any]:
    """Return a proposal as plain JSON data."""
    estimate = proposal.estimate
    return {
        "start": rfc3339(proposal.window.start_us),
        "end": rfc3339(proposal.window.end_us),
        "bookings": estimate.bookings,
        "minutes_per_booking": estimate.minutes_per_booking,
        "minutes": estimate.minutes,
        "disturbs": list(proposal.disturbs),
    }
