"""The command that looks for faults in a snapshot, with the imports that it needs."""

from collections.abc import Iterator
from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json
from accountmerge.cli.finding_groups import GROUPINGS, grouped, plain_findings
from accountmerge.cli.option_values import OptionReader, asker_from
from accountmerge.cli.options import OUTPUT, AskedByOption, JsonOption, command
from accountmerge.cli.parquet_names import is_parquet
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument, Source
from accountmerge.findings.audiences import seen_faults
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.reports.finding_lines import finding_lines, findings_lines
from accountmerge.reports.lines import BLANK, Line, spoken

_ONLY_HELP = "The code of findings to show, such as existing_double_booking. Repeatable."
_BY_HELP = f"Show the findings in groups by one of: {', '.join(GROUPINGS)}."


@command
def check(
    screen: Screen,
    data: SnapshotArgument,
    only: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help=_ONLY_HELP, rich_help_panel=OUTPUT)
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="WORD", help=_BY_HELP, show_default=False, rich_help_panel=OUTPUT),
    ] = None,
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Look for faults of bookings, schedules, merged customers, e-mails and numbers in a snapshot.

    Of a Parquet file of appointments, or a folder of them, the double bookings are counted and the first ones shown,
    for any number of rows. Ends with 1 if a fault is shown.

    \b
    Example:
      accountmerge check practice.json
      accountmerge check practice.json --only existing_double_booking --by practitioner
      accountmerge check appointments.parquet
    """  # noqa: D301
    who = asker_from(asked_by)
    reader = OptionReader()
    codes = [reader.word("--only", code, tuple(FINDINGS)) for code in only or ()]
    grouping = None if by is None else reader.word("--by", by, GROUPINGS)
    reader.finish()
    if data.file is not None and is_parquet(data.file):
        if who is not None:
            raise BadInput(Problem("asked_by_needs_snapshot", option="--asked-by"))
        if codes or grouping:
            raise BadInput(Problem("only_for_snapshots", option="--only" if codes else "--by"))
        from accountmerge.cli.parquet_check import check_parquet  # imports polars

        return check_parquet(screen, data.file, as_json=json)
    return _check_snapshot(screen, data, codes, grouping, who, as_json=json)


def _check_snapshot(
    screen: Screen, data: Source, codes: list[str], by: str | None, who: str | None, *, as_json: bool
) -> int:
    snapshot = data.snapshot(screen)
    with screen.busy("cli.checking"):
        findings = am.find_faults(snapshot)
    if who is not None:
        findings = seen_faults(snapshot, findings, who)
    findings = tuple(finding for finding in findings if not codes or finding.code in codes)
    groups = {} if by is None else grouped(snapshot, findings, by)
    if as_json:
        told = [{"id": id or None, "findings": [each.id for each in some]} for id, some in groups.items()]
        print_json(
            {
                "findings": plain_findings(findings, screen.language),
                **({} if by is None else {"by": by, "groups": told}),
            }
        )
    elif groups:
        screen.report(_group_lines(groups, len(findings), screen.language))
    else:
        screen.report(findings_lines(findings, screen.language))
    return FOUND if findings else READY


def _group_lines(groups: dict[str, list[am.Finding]], count: int, language: str) -> Iterator[Line]:
    """Yield the findings of each group below its id, and each finding once."""
    seen: set[str] = set()
    for id, findings in groups.items():
        key = "report.group" if id else "report.no_group"
        yield spoken(key, language, "heading", id=id, count=len(findings))
        for finding in findings:
            if finding.id in seen:
                yield spoken("report.see_above", language, "detail", indent=2, finding=finding.id)
            else:
                yield from finding_lines(finding, language)
            seen.add(finding.id)
        yield BLANK
    yield spoken("report.found", language, "heading", count=count)
