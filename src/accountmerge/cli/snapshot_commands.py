"""The command that looks for faults in a snapshot, with the imports that it needs."""

import accountmerge as am
from accountmerge.cli import FOUND, READY
from accountmerge.cli.option_values import asker_from
from accountmerge.cli.options import AskedByOption, command
from accountmerge.cli.parquet_names import is_parquet
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument
from accountmerge.findings.audiences import seen_faults
from accountmerge.reports.finding_lines import findings_lines


@command
def check(screen: Screen, data: SnapshotArgument, asked_by: AskedByOption = None) -> int:
    """Look for faults of bookings, schedules, merged customers, e-mails and numbers in a snapshot.

    Of a Parquet file of appointments, or a folder of them, the double bookings are counted and the first ones shown,
    for any number of rows.

    \b
    Example:
      accountmerge check practice.json
      accountmerge check appointments.parquet
    """  # noqa: D301
    who = asker_from(asked_by)
    if data.file is not None and is_parquet(data.file):
        if who is not None:
            raise BadInput(Problem("asked_by_needs_snapshot", option="--asked-by"))
        from accountmerge.cli.parquet_check import check_parquet  # imports polars

        return check_parquet(screen, data.file)
    snapshot = data.snapshot(screen)
    with screen.busy("cli.checking"):
        findings = am.find_faults(snapshot)
    if who is not None:
        findings = seen_faults(snapshot, findings, who)
    screen.report(findings_lines(findings, screen.language))
    return FOUND if findings else READY
