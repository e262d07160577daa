"""The commands that confirm plans and apply them, one or many."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.answers import change_set_of, document_text, plan_from
from accountmerge.cli.execution import apply_to_store
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import (
    STANDARD_STREAM,
    is_other_content,
    print_json,
    refuse_own_input,
    shown_source,
    write_document,
    write_output,
)
from accountmerge.cli.given_paths import CONFIRMED, files_in, is_one_file
from accountmerge.cli.many_plans import StoredPlan, applied_in_turn, failures_in, plans_in
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import BatchOption, ForceOption, JsonOption, LocksOption, command
from accountmerge.cli.plan_folders import ready_folder
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import AmongPaths, PathsArgument, Source
from accountmerge.plans.plan import Plan
from accountmerge.reports.contract_text import failure_lines
from accountmerge.reports.lines import Line, shown, spoken
from accountmerge.reports.plan_lines import verdict_lines

_BY_HELP = "Who says that the plan is right; of a merge, that the right address is primary as well."
_APPLIED_BY_HELP = "With --store: the person or program that applies the plan, for the receipts."
_YES_HELP = "With --store: change the rows of the database. Without it, the steps are only shown."
_SEE_APPLY = Problem("see_help", command="accountmerge apply")
_WHEN_HELP = "When, with an offset; or `now`."
_PLANS_HELP = "Plans or change sets as JSON, or folders with plans; - for standard input."
_CONFIRMED_HELP = "Where to write the confirmed plan; - for standard output. Of several plans, a folder.  [default: beside each plan]"


@command
def confirm(
    screen: Screen,
    plans: Annotated[list[str], typer.Argument(metavar="PLANS", help=_PLANS_HELP)],
    by: Annotated[str, typer.Option(metavar="NAME", help=_BY_HELP)],
    at: Annotated[str, typer.Option(metavar="TIME", help=_WHEN_HELP)],
    out: Annotated[
        str | None, typer.Option("--out", "-o", metavar="FILE", help=_CONFIRMED_HELP, show_default=False)
    ] = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> int:
    """Confirm plans in the name of a person, and write each with the confirmation.

    A confirmation fits only its plan. A blocked plan cannot be confirmed. Without --out, the confirmed plan is beside
    the plan, with a name that ends with .confirmed.json.

    \b
    Example:
      accountmerge confirm plan.json --by "A. Name" \\
        --at 2026-03-02T09:00:00+11:00 --out confirmed.json
      accountmerge confirm plans/ --by "A. Name" --at now
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    name = reader.visible("--by", by)
    moment = datetime.now(UTC) if at == "now" else reader.instant("--at", at)
    reader.finish()
    if json and out == STANDARD_STREAM:
        raise BadInput(Problem("stdout_twice"))
    files = _to_confirm(screen, plans)
    told: list[dict[str, Any]] = []
    for file in files:
        target = _target(file, out, is_one=is_one_file(plans))
        told.append(_confirmed(screen, file, target, (name, moment), is_one=len(files) == 1, force=force))
    if len(files) > 1:
        count = sum(row["outcome"] == "confirmed" for row in told)
        screen.note("cli.confirmed_many", count=count, total=len(files))
    if json:
        print_json(told)
    return FOUND if any(row["outcome"] == "blocked" for row in told) else READY


def _to_confirm(screen: Screen, paths: list[str]) -> list[str]:
    """Return the files with plans that have no confirmed file beside them."""
    files, others = files_in(paths)
    if others:
        screen.note("cli.no_plans", files=tuple(others))
    if not files:
        raise BadInput(Problem("no_plan_files"), about=shown_source(paths[0]))
    if len(files) == 1:
        return files
    known = set(files)
    beside = {file for file in files if file.removesuffix(".json") + CONFIRMED in known}
    if beside:
        screen.note("cli.confirmed_before", count=len(beside))
    written = {file.removesuffix(".json") + CONFIRMED for file in beside}
    return [file for file in files if file not in beside | written]


def _target(file: str, out: str | None, *, is_one: bool) -> str:
    """Return the name of the confirmed plan of a file."""
    if out is not None and (is_one and not Path(out).is_dir() and not out.endswith("/")):
        return out
    if out == STANDARD_STREAM:
        raise BadInput(Problem("out_is_one"))
    if file == STANDARD_STREAM:
        raise BadInput(Problem("missing", name="--out"), Problem("see_help", command="accountmerge confirm"))
    name = Path(file).name
    if out is not None:
        return str(ready_folder(out) / name)
    return str(Path(file).with_name(name.removesuffix(".json") + CONFIRMED))


def _confirmed(
    screen: Screen, file: str, target: str, by: tuple[str, datetime], *, is_one: bool, force: bool
) -> dict[str, Any]:
    """Write a plan with a confirmation, and return what was done."""
    given = plan_from(screen, file)
    change_set = change_set_of(given)
    told = {"plan_id": change_set.plan_id, "plan": file, "file": None}
    if change_set.blocked:
        if is_one:
            screen.remark(verdict_lines(given, screen.language))
        else:
            screen.note("cli.not_confirmed", path=file, codes=change_set.blocked)
        return {**told, "outcome": "blocked"}
    if not is_one and change_set.confirmation is not None:
        screen.note("cli.has_confirmation", path=file)
        return {**told, "outcome": "unchanged"}
    confirmed = given.confirm(by=by[0], at=by[1])
    whole = attrs.evolve(given, change_set=confirmed) if isinstance(given, Plan) else confirmed
    text = document_text(whole)
    if is_one:
        write_document(screen, target, text, force=force)
        screen.note("cli.confirmed", plan_id=confirmed.plan_id)
    elif not force and is_other_content(Path(target), text):
        screen.note("cli.kept", path=target)
        return {**told, "outcome": "unchanged"}
    else:
        write_output(target, text, force=force)
    return {**told, "file": target, "outcome": "confirmed"}


@command
def apply(
    screen: Screen,
    paths: PathsArgument,
    data: AmongPaths,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write the snapshot; - for standard output."
        ),
    ] = None,
    force: ForceOption = False,
    by: Annotated[str | None, typer.Option(metavar="NAME", help=_APPLIED_BY_HELP)] = None,
    yes: Annotated[bool, typer.Option("--yes", help=_YES_HELP)] = False,
    locks: LocksOption = None,
    batch: BatchOption = None,
    json: JsonOption = False,
) -> int:
    """Apply plans to a snapshot, and write the resulting snapshot.

    Edits already done are left alone. If a plan cannot be applied, every reason is shown, and no output is
    written. A plan that cannot be undone must be confirmed first. The input file is never overwritten, not
    even with --force. Several plans are applied in an order that is possible. Blocked plans of a folder are left out;
    then the command ends with 1.

    With --store, the rows of the database change, each step with its receipt in one transaction. Without --yes,
    the steps are only shown. Ends with 1 if steps remain.

    \b
    Example:
      accountmerge apply practice.json plan.json --out practice-after.json
      accountmerge apply practice.json plans/ --out practice-after.json
      accountmerge apply plan.json --mapping shop.tables:mapping --by "A. Name" --yes
    """  # noqa: D301
    data.refuse_if_store({"--out": out, "--force": force})
    data.refuse_if_file({"--by": by, "--yes": yes, "--json": json, "--locks": locks, "--batch": batch})
    data.set_store(locks, batch)
    if data.is_store:
        if by is None:
            raise BadInput(Problem("missing", name="--by"), _SEE_APPLY)
        if not is_one_file(paths):
            raise BadInput(Problem("one_plan_for_store"), _SEE_APPLY)
        return apply_to_store(screen, data, paths[0], by=by, is_sure=yes, as_json=json)
    if out is None:
        raise BadInput(Problem("missing", name="--out"), _SEE_APPLY)
    refuse_own_input(out, data.file or "", *paths)
    if not is_one_file(paths):
        return _apply_many(screen, data, paths, out, force=force)
    change_set = change_set_of(plan_from(screen, paths[0]))
    snapshot = data.snapshot(screen)
    with screen.busy("cli.applying"):
        applied = am.dumps(am.apply(snapshot, change_set))
    write_document(screen, out, applied, force=force)
    screen.note("cli.applied", plan_id=change_set.plan_id, count=len(change_set.wanted_steps))
    return READY


def _apply_many(screen: Screen, data: Source, paths: list[str], out: str, *, force: bool) -> int:
    """Apply the plans that are not blocked; write no output if one of them cannot be applied."""
    stored = plans_in(screen, paths)
    blocked = [each for each in stored if each.change_set.blocked]
    for each in blocked:
        screen.note("cli.left_out", path=each.file, codes=each.change_set.blocked)
    snapshot = data.snapshot(screen)
    plans = [each for each in stored if not each.change_set.blocked]
    after, rest = applied_in_turn(screen, snapshot, plans)
    if rest:
        screen.remark(_refusals(screen, after, rest))
        return FOUND
    write_document(screen, out, am.dumps(after), force=force)
    screen.note("cli.applied_many", count=len(plans))
    return FOUND if blocked else READY


def _refusals(screen: Screen, snapshot: am.Snapshot, plans: list[StoredPlan]) -> list[Line]:
    lines: list[Line] = []
    for stored, failures in failures_in(snapshot, plans):
        lines.append(Line(shown(stored.file), "heading"))
        lines += failure_lines(failures, screen.language)
    lines.append(spoken("cli.not_applied_many", screen.language, "blocker", count=len(plans)))
    return lines
