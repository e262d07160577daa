"""The commands that plan many moves or many merges from a CSV file."""

from typing import Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.cluster_files import merge_choices
from accountmerge.cli.csv_rows import CsvFile, Row, cell
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import limits_from, print_json, rules_from
from accountmerge.cli.many_json import plain_batch, plain_cohort
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.cli.options import (
    OUTPUT,
    AllOption,
    AtOption,
    ForceOption,
    JsonOption,
    LimitsOption,
    RulesOption,
    command,
)
from accountmerge.cli.plan_folders import ready_folder, write_plans
from accountmerge.cli.planning import moment_from
from accountmerge.cli.problems import Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument
from accountmerge.migrations.requests import MIGRATION_REASONS
from accountmerge.reports.many_text import batch_lines, cohort_lines

MOVE_COLUMNS = (
    "profile",
    "new_email",
    "reason",
    "ticket",
    "agreed_by",
    "agreed_at",
    "agreed_version",
    "window_start",
    "window_end",
)
_OF_A_MOVE = ("profile", "new_email", "reason", "ticket")
_NEEDED = ("profile", "new_email", "reason")
"""The columns without an empty cell; an empty ticket or agreement is a finding of the plan."""
_MOST_AT_ONCE = 1_000
_MOVES_HELP = f"A CSV file with a row for each move. Its columns: {', '.join(MOVE_COLUMNS)}."
_CLUSTERS_HELP = (
    "A CSV file with clusters (cluster, customer) or pairs (left, right), and perhaps survivor and actor."
)
_CAPACITY_HELP = "How many blackouts the support team can have at the same time."
OutFolderOption = Annotated[
    str,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        help="The folder for the plans, a file for each. It is made if it does not exist.",
        rich_help_panel=OUTPUT,
    ),
]


@command
def migrate_all(
    screen: Screen,
    data: SnapshotArgument,
    moves: Annotated[str, typer.Argument(metavar="MOVES", help=_MOVES_HELP)],
    out: OutFolderOption,
    at: AtOption,
    capacity: Annotated[str, typer.Option(metavar="N", help=_CAPACITY_HELP)] = "1",
    rules: RulesOption = None,
    limits: LimitsOption = None,
    all: AllOption = False,  # noqa: A002 - the name of the option
    json: JsonOption = False,
    force: ForceOption = False,
) -> int:
    """Plan the moves of a CSV file for one support team; ends with 1 if one is blocked.

    A move without a window gets the best one that is free. No data are changed. A plan that was written before is
    left alone.

    \b
    Example:
      accountmerge migrate-all practice.json moves.csv --capacity 2 \\
        --at 2026-03-02T09:00:00+11:00 --out plans/
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    moment = moment_from(reader, at, data)
    hands = reader.count("--capacity", capacity, most=_MOST_AT_ONCE)
    reader.finish()
    requests = _moves_from(screen, moves)
    in_force = rules_from(rules, am.MigrationRules)
    known = data.limits() if limits is None else limits_from(limits)
    snapshot = data.snapshot(screen)
    ready_folder(out)
    start = snapshot.taken_at if moment is None else moment
    with screen.busy("cli.planning"):
        cohort = am.migrations.plan_migrations(
            snapshot, requests, rules=in_force, at=start, capacity=hands, limits=known
        )
    plans = [member.plan for member in cohort.members if member.plan is not None]
    files = write_plans(screen, out, plans, force=force)
    if json:
        print_json(plain_cohort(cohort, files))
    else:
        screen.report(cohort_lines(cohort, files, screen.language, screen.width, is_whole=all))
    screen.note("cli.planned_many", count=len(files), folder=out)
    return READY if cohort.is_ready else FOUND


def _moves_from(screen: Screen, source: str) -> list[am.MigrationRequest]:
    file = CsvFile(source, MOVE_COLUMNS, (_OF_A_MOVE,), screen.language, screen.typed_zone)
    requests = [_move(row, reader) for row, reader in file.rows()]
    if not requests:
        file.refuse(Problem("csv_no_rows"))
    file.finish()
    return [request for request in requests if request is not None]


def _move(row: Row, reader: OptionReader) -> am.MigrationRequest | None:
    """Return the request of a row, or None if the row has a problem."""
    for name in _NEEDED:
        if not row[name].text:
            reader.refuse(OptionProblem("cell_missing", option=row[name].place))
    window = None
    start, end = cell(row, "window_start"), cell(row, "window_end")
    if start.text or end.text:
        window = reader.ends((start.place, start.text), (end.place, end.text))
    values: dict[str, Any] = {
        "profile_id": reader.id(row["profile"].place, row["profile"].text or "-"),
        "new_email": row["new_email"].text,
        "reason": reader.word(
            row["reason"].place, row["reason"].text or MIGRATION_REASONS[0], MIGRATION_REASONS
        ),
        "ticket": reader.visible(row["ticket"].place, row["ticket"].text),
        "window": window,
    }
    by, when, version = (cell(row, f"agreed_{name}") for name in ("by", "at", "version"))
    agreed: dict[str, Any] = {}
    if by.text or when.text:
        agreed = {
            "by": reader.visible(by.place, by.text),
            "at": reader.instant(when.place, when.text, day="start"),
            "version": reader.visible(version.place, version.text or "1"),
        }
    if reader.problems:
        return None
    try:
        return am.MigrationRequest(agreement=am.Agreement(**agreed) if agreed else None, **values)
    except am.InvalidValueError as error:
        facts: Any = error.facts
        reader.refuse(am.documents.Fault("invalid_value", row["new_email"].place, reason=error.code, **facts))
        return None


@command
def merge_all(
    screen: Screen,
    data: SnapshotArgument,
    clusters: Annotated[str, typer.Argument(metavar="CLUSTERS", help=_CLUSTERS_HELP)],
    out: OutFolderOption,
    at: AtOption,
    rules: RulesOption = None,
    limits: LimitsOption = None,
    all: AllOption = False,  # noqa: A002 - the name of the option
    json: JsonOption = False,
    force: ForceOption = False,
) -> int:
    """Plan the merges of a CSV file of clusters or pairs; ends with 1 if one is blocked.

    If the file does not name the survivor or the actor of a merge, one is suggested and shown with the reasons. A
    named person confirms each plan before it can be applied. A plan that was written before is left alone.

    \b
    Example:
      accountmerge merge-all practice.json clusters.csv \\
        --at 2026-03-02T09:00:00+11:00 --out plans/
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    moment = moment_from(reader, at, data)
    reader.finish()
    in_force = rules_from(rules, am.MergeRules)
    known = data.limits() if limits is None else limits_from(limits)
    snapshot = data.snapshot(screen)
    choices = merge_choices(screen, clusters, snapshot)
    ready_folder(out)
    start = snapshot.taken_at if moment is None else moment
    with screen.busy("cli.planning"):
        batch = am.merges.plan_merges(
            snapshot, [choice.request for choice in choices], rules=in_force, at=start, limits=known
        )
    files = write_plans(screen, out, batch.plans, force=force)
    if json:
        print_json(plain_batch(batch, choices, files, screen.language))
    else:
        screen.report(batch_lines(batch, choices, files, screen.language, screen.width, is_whole=all))
    screen.note("cli.planned_many", count=len(files), folder=out)
    return READY if batch.is_ready else FOUND
