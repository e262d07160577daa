"""The planning commands about customers."""

from typing import Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import CustomerOption
from accountmerge.cli.planning import Question, planning
from accountmerge.cli.problems import Problem
from accountmerge.customers.requests import PRIMARY_ACTIONS

_SURVIVOR_HELP = "The id of the customer that stays."
_ABSORB_HELP = "The id of a customer that is merged into it. Repeatable."
_ACTOR_HELP = "The id of the profile that asks: its login is enabled, and it treats all of them."
_AUTHORISED_HELP = "Who answers for the merge instead of a profile, if the rules say actor: authorised."
_ROLE_HELP = "The role of that person."
_TICKET_HELP = "The reference of the request to that person."
_REASON_HELP = "Why that person merges the customers."
_ACTION_HELP = f"What to do with an address: {', '.join(PRIMARY_ACTIONS)}."
_OF_EMPTY = "An empty one takes it away."


@planning(accepts=True)
def merge(
    reader: OptionReader,
    survivor: Annotated[str, typer.Option(metavar="ID", help=_SURVIVOR_HELP)],
    absorb: Annotated[list[str], typer.Option(metavar="ID", help=_ABSORB_HELP)],
    actor: Annotated[str | None, typer.Option(metavar="PROFILE", help=_ACTOR_HELP)] = None,
    authorised_by: Annotated[str | None, typer.Option(metavar="NAME", help=_AUTHORISED_HELP)] = None,
    authority_role: Annotated[str | None, typer.Option(metavar="TEXT", help=_ROLE_HELP)] = None,
    authority_ticket: Annotated[str | None, typer.Option(metavar="TEXT", help=_TICKET_HELP)] = None,
    authority_why: Annotated[str | None, typer.Option(metavar="TEXT", help=_REASON_HELP)] = None,
) -> Question:
    """Plan the merge of customers into one, and show the plan.

    No data are changed. A blocked plan is shown and written too, with its remedies. A merge
    cannot be undone, so a named person confirms the plan before it can be applied.

    \b
    Example:
      accountmerge merge practice.json --survivor c-1 --absorb c-2 \\
        --actor p-1 --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    values = {
        "survivor": reader.id("--survivor", survivor),
        "absorbed": reader.ids("--absorb", absorb),
        "actor": None if actor is None else reader.id("--actor", actor),
        "authority": _authority(reader, authorised_by, authority_role, authority_ticket, authority_why),
    }
    return Question(am.plan_merge, am.MergeRules, am.MergeRequest, values)


def _authority(
    reader: OptionReader, person: str | None, role: str | None, ticket: str | None, why: str | None
) -> am.merges.Authority | None:
    """Return the authority of four options, or None; a missing option is answered by a finding."""
    if person is role is ticket is why is None:
        return None
    return am.merges.Authority(
        person=reader.visible("--authorised-by", person or ""),
        role=reader.visible("--authority-role", role or ""),
        ticket=reader.visible("--authority-ticket", ticket or ""),
        why=reader.text("--authority-why", why or ""),
    )


@planning()
def primary_email(
    reader: OptionReader,
    customer: CustomerOption,
    action: Annotated[str, typer.Option(metavar="ACTION", help=_ACTION_HELP)],
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Which address; to clear needs none.", show_default=False)
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Who answers for a release.", show_default=False)
    ] = "",
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Why an address is released.", show_default=False)
    ] = "",
) -> Question:
    """Plan a change of the address that signs a customer in, and show the plan.

    \b
    Example:
      accountmerge primary-email practice.json --customer c-2 \\
        --action clear --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    values = {
        "customer_id": reader.id("--customer", customer),
        "action": reader.word("--action", action, PRIMARY_ACTIONS),
        "address": reader.text("--address", address),
        "by": reader.visible("--by", by),
        "reason": reader.text("--why", why),
    }
    return Question(
        am.customers.plan_primary_email, am.customers.CustomerRules, am.customers.PrimaryEmailChange, values
    )


@planning()
def edit(
    reader: OptionReader,
    customer: CustomerOption,
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
) -> Question:
    """Plan new details of a customer, and show the plan; other details stay.

    \b
    Example:
      accountmerge edit practice.json --customer c-1 \\
        --phone "+61 2 5550 1000" --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
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
    if not changes:
        reader.refuse(Problem("nothing_to_edit"))
    id = reader.id("--customer", customer)
    return Question(
        am.customers.plan_customer_edit,
        am.customers.CustomerRules,
        am.customers.CustomerEdit,
        {"customer_id": id, "changes": changes},
        customers=None if add_email else (id,),  # a new address may be the username of any profile
    )
