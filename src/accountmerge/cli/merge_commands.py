"""The command of merges."""

from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.arguments import (
    AcceptedByOption,
    AcceptOption,
    AskedByOption,
    AtOption,
    ForceOption,
    JsonOption,
    LangOption,
    PlanOutOption,
    RulesOption,
    SnapshotArgument,
    ValuesOption,
    WhyOption,
)
from accountmerge.cli.documents import deliver, rules_from, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.screens import Screen

_SURVIVOR_HELP = "The id of the customer that stays."
_ABSORB_HELP = "The id of a customer that is merged into it. Repeatable."
_ACTOR_HELP = "The id of the profile that asks: its log-in is enabled, and it treats all of them."


def merge(
    ctx: typer.Context,
    file: SnapshotArgument,
    survivor: Annotated[str, typer.Option(metavar="ID", help=_SURVIVOR_HELP)],
    absorb: Annotated[list[str], typer.Option(metavar="ID", help=_ABSORB_HELP)],
    actor: Annotated[str, typer.Option(metavar="PROFILE", help=_ACTOR_HELP)],
    at: AtOption,
    accept: AcceptOption = None,
    accepted_by: AcceptedByOption = None,
    why: WhyOption = None,
    rules: RulesOption = None,
    values: ValuesOption = False,
    json: JsonOption = False,
    asked_by: AskedByOption = None,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Plan how customers become one, and show the plan.

    Nothing is changed. A plan that is blocked is shown and written too: it says what to remedy. A merge
    cannot be undone, so a named person confirms the plan before it can be applied.

    \b
    Example:
      accountmerge merge practice.json --survivor c-1 --absorb c-2 \\
        --actor p-1 --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, rules)
    reader = OptionReader()
    stays, goes = reader.id("--survivor", survivor), reader.ids("--absorb", absorb)
    who, moment = reader.id("--actor", actor), reader.instant("--at", at)
    accepted = reader.acceptances(accept, accepted_by, why)
    reader.finish()
    request = am.MergeRequest(survivor=stays, absorbed=goes, actor=who, accept=accepted)
    in_force = rules_from(rules, am.MergeRules)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.planning"):
        plan = am.plan_merge(snapshot, request, rules=in_force, at=moment)
    return deliver(screen, plan, out=out, as_json=json, values=values, force=force, asked_by=asked_by)
