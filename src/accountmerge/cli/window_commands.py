"""The command of windows: when availability may be off for a migration."""

from typing import Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.arguments import JsonOption, LangOption, RulesOption, SnapshotArgument
from accountmerge.cli.documents import print_json, rules_from, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.problems import FOUND, READY
from accountmerge.cli.screens import Screen
from accountmerge.model.instants import rfc3339
from accountmerge.reports.migration_text import no_window_lines, window_lines

_MOST = 1_000
_EARLIEST_HELP = (
    "From when on people can be told: the notice counts from then, or from when the data were read."
)


def windows(
    ctx: typer.Context,
    file: SnapshotArgument,
    profile: Annotated[str, typer.Option(metavar="ID", help="The id of the profile that is left.")],
    earliest: Annotated[str | None, typer.Option(metavar="TIME", help=_EARLIEST_HELP)] = None,
    count: Annotated[str, typer.Option(metavar="N", help="How many windows at the most.")] = "5",
    rules: RulesOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Propose when to move a practitioner, the time that disturbs the fewest bookings first; ends with 1 if there is none.

    Nothing is planned: name a window to `migrate`.

    \b
    Example:
      accountmerge windows practice.json --profile p-1 --rules rules.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, rules)
    reader = OptionReader()
    id = reader.id("--profile", profile)
    told = None if earliest is None else reader.instant("--earliest", earliest)
    wanted = reader.count("--count", count, most=_MOST)
    reader.finish()
    in_force = rules_from(rules, am.MigrationRules)
    snapshot = snapshot_from(screen, file)
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
