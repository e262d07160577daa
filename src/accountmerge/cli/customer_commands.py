"""The commands around one customer: finding it, its log-in, its primary email, its details."""

from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.arguments import (
    AskedByOption,
    AtOption,
    CustomerOption,
    ForceOption,
    JsonOption,
    LangOption,
    PlanOutOption,
    RulesOption,
    SnapshotArgument,
    ValuesOption,
)
from accountmerge.cli.documents import asker_from, deliver, print_json, rules_from, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.problems import FOUND, READY, BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.customers.requests import PRIMARY_ACTIONS
from accountmerge.reports.customer_text import log_in_lines, match_lines

_TEXT_HELP = "A record number, also a former one, or the first letters of names."
_ACTION_HELP = f"What to do with an address: {', '.join(PRIMARY_ACTIONS)}."
_OF_EMPTY = "An empty one takes it away."


def find(
    ctx: typer.Context,
    file: SnapshotArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_TEXT_HELP)],
    asked_by: AskedByOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Find customers by name or by record number; ends with 1 if there is none.

    Shown are ids and record numbers, never names; with --asked-by, only customers that the profile treats.

    \b
    Example:
      accountmerge find practice.json "ros abe"
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    who = asker_from(asked_by)
    snapshot = snapshot_from(screen, file)
    matches = am.customers.find_customers(snapshot, text, asked_by=who)
    if json:
        print_json([_plain(match) for match in matches])
    else:
        screen.report(match_lines(matches, snapshot, screen.language))
    return READY if matches else FOUND


def login(
    ctx: typer.Context,
    file: SnapshotArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="With which somebody tries to sign in.")],
    asked_by: AskedByOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Tell what an address is good for; ends with 1 if it does not sign in.

    To whom may know, the address that signs in instead is shown.

    \b
    Example:
      accountmerge login practice.json old@example.org --asked-by p-1
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    who = asker_from(asked_by)
    diagnosis = am.customers.diagnose_login(snapshot_from(screen, file), address, asked_by=who)
    if json:
        print_json(_plain(diagnosis))
    else:
        screen.report(log_in_lines(diagnosis, screen.language))
    return READY if diagnosis.outcome == "signs_in" else FOUND


def primary_email(
    ctx: typer.Context,
    file: SnapshotArgument,
    customer: CustomerOption,
    action: Annotated[str, typer.Option(metavar="ACTION", help=_ACTION_HELP)],
    at: AtOption,
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Which address; to clear needs none.", show_default=False)
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Who answers for a release.", show_default=False)
    ] = "",
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Why an address is released.", show_default=False)
    ] = "",
    rules: RulesOption = None,
    values: ValuesOption = False,
    json: JsonOption = False,
    asked_by: AskedByOption = None,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Plan which address signs a customer in, or that one is let go, and show the plan.

    \b
    Example:
      accountmerge primary-email practice.json --customer c-2 \\
        --action clear --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, rules)
    reader = OptionReader()
    asked: dict[str, Any] = {
        "customer_id": reader.id("--customer", customer),
        "action": reader.word("--action", action, PRIMARY_ACTIONS),
        "address": reader.text("--address", address),
        "by": reader.visible("--by", by),
        "reason": reader.text("--why", why),
    }
    moment = reader.instant("--at", at)
    reader.finish()
    request = am.customers.PrimaryEmailChange(**asked)
    in_force = rules_from(rules, am.customers.CustomerRules)
    plan = am.customers.plan_primary_email(snapshot_from(screen, file), request, rules=in_force, at=moment)
    return deliver(screen, plan, out=out, as_json=json, values=values, force=force, asked_by=asked_by)


def edit(
    ctx: typer.Context,
    file: SnapshotArgument,
    customer: CustomerOption,
    at: AtOption,
    given_name: Annotated[str | None, typer.Option(metavar="TEXT", help=f"First names. {_OF_EMPTY}")] = None,
    family_name: Annotated[str | None, typer.Option(metavar="TEXT", help=f"Last names. {_OF_EMPTY}")] = None,
    birth_date: Annotated[
        str | None, typer.Option(metavar="DATE", help=f"Such as 1990-05-17. {_OF_EMPTY}")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="TEXT", help=f"The postal address. {_OF_EMPTY}")
    ] = None,
    phone: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER", help=f"In the place of all there are. {_OF_EMPTY} Repeatable."),
    ] = None,
    add_email: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="One more for contact. Repeatable.")
    ] = None,
    rules: RulesOption = None,
    values: ValuesOption = False,
    json: JsonOption = False,
    asked_by: AskedByOption = None,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Plan new details of a customer, and show the plan; what is not named stays.

    \b
    Example:
      accountmerge edit practice.json --customer c-1 \\
        --phone "+61 2 5550 1000" --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, rules)
    reader = OptionReader()
    texts = {"given_name": given_name, "family_name": family_name, "address": address}
    changes: dict[str, Any] = {
        name: reader.text(f"--{name.replace('_', '-')}", text) or None
        for name, text in texts.items()
        if text is not None
    }
    if birth_date is not None:
        changes["birth_date"] = reader.day("--birth-date", birth_date).isoformat() if birth_date else None
    if phone:
        changes["phones"] = [number for number in reader.texts("--phone", phone) if number]
    if add_email:
        changes["add_emails"] = list(reader.texts("--add-email", add_email))
    moment = reader.instant("--at", at)
    id = reader.id("--customer", customer)
    reader.finish()
    if not changes:
        raise BadInput(Problem("nothing_to_edit"))
    request = am.customers.CustomerEdit(customer_id=id, changes=changes)
    in_force = rules_from(rules, am.customers.CustomerRules)
    plan = am.customers.plan_customer_edit(snapshot_from(screen, file), request, rules=in_force, at=moment)
    return deliver(screen, plan, out=out, as_json=json, values=values, force=force, asked_by=asked_by)


def _plain(answer: am.customers.CustomerMatch | am.customers.LoginDiagnosis) -> dict[str, Any]:
    """Return an answer as plain JSON data, without what is absent."""
    values = {field.name: getattr(answer, field.name) for field in attrs.fields(type(answer))}
    return {name: _json_value(value) for name, value in values.items() if value is not None}


def _json_value(value: Any) -> Any:
    if isinstance(value, am.model.EmailAddress):
        return value.text
    return [_plain(other) for other in value] if isinstance(value, tuple) else value
