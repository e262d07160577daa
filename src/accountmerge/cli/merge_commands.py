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
_AUTHORISED_HELP = "Who answers for the merge instead of a profile, if the rules say actor: authorised."
_ROLE_HELP = "The role of that person."
_TICKET_HELP = "The reference of the request to that person."
_REASON_HELP = "Why that person merges the customers."


def merge(
    ctx: typer.Context,
    file: SnapshotArgument,
    survivor: Annotated[str, typer.Option(metavar="ID", help=_SURVIVOR_HELP)],
    absorb: Annotated[list[str], typer.Option(metavar="ID", help=_ABSORB_HELP)],
    at: AtOption,
    actor: Annotated[str | None, typer.Option(metavar="PROFILE", help=_ACTOR_HELP)] = None,
    authorised_by: Annotated[str | None, typer.Option(metavar="NAME", help=_AUTHORISED_HELP)] = None,
    authority_role: Annotated[str | None, typer.Option(metavar="TEXT", help=_ROLE_HELP)] = None,
    authority_ticket: Annotated[str | None, typer.Option(metavar="TEXT", help=_TICKET_HELP)] = None,
    authority_why: Annotated[str | None, typer.Option(metavar="TEXT", help=_REASON_HELP)] = None,
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
    who = None if actor is None else reader.id("--actor", actor)
    moment = reader.instant("--at", at)
    authority = _authority(reader, authorised_by, authority_role, authority_ticket, authority_why)
    accepted = reader.acceptances(accept, accepted_by, why)
    reader.finish()
    request = am.MergeRequest(survivor=stays, absorbed=goes, actor=who, accept=accepted, authority=authority)
    in_force = rules_from(rules, am.MergeRules)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.planning"):
        plan = am.plan_merge(snapshot, request, rules=in_force, at=moment)
    return deliver(screen, plan, out=out, as_json=json, values=values, force=force, asked_by=asked_by)


def _authority(
    reader: OptionReader, person: str | None, role: str | None, ticket: str | None, why: str | None
) -> am.merges.Authority | None:
    """Return the authority of four options, None if none is given; an option that lacks is answered by a finding."""
    if person is role is ticket is why is None:
        return None
    return am.merges.Authority(
        person=reader.visible("--authorised-by", person or ""),
        role=reader.visible("--authority-role", role or ""),
        ticket=reader.visible("--authority-ticket", ticket or ""),
        why=reader.text("--authority-why", why or ""),
    )
