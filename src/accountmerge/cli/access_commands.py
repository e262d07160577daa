"""The planning commands of access requests and decisions."""

from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import CustomerOption
from accountmerge.cli.planning import Question, planning
from accountmerge.customers.requests import DECIDER_ROLES, DeciderRole, Decision

_BY_HELP = "Who decides: the id of the customer or of the profile that asked, or the name of staff."
_ROLE_HELP = f"As what: {', '.join(DECIDER_ROLES)}."

access = typer.Typer(help="Plan an access request, or a decision on one.")


@access.command()
@planning()
def request(
    reader: OptionReader,
    profile: Annotated[str, typer.Option(metavar="ID", help="The id of the profile that asks.")],
    customer: CustomerOption,
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="Until when an answer counts, with an offset.")
    ],
) -> Question:
    """Plan how a profile asks a customer for treating access.

    \b
    Example:
      accountmerge access request practice.json --profile p-1 --customer c-2 \\
        --expires 2026-03-16T09:00:00+11:00 --at 2026-03-02T09:00:00+11:00
    """  # noqa: D301
    values = {
        "profile_id": reader.id("--profile", profile),
        "customer_id": reader.id("--customer", customer),
        "expires_at": reader.instant("--expires", expires, day="end"),
    }
    return Question(
        am.customers.plan_access_request, am.customers.CustomerRules, am.customers.NewAccessRequest, values
    )


_WHAT_IT_DOES: dict[Decision, tuple[DeciderRole, str]] = {
    "approve": ("customer", "Plan that a request is approved, which gives the access in the same step."),
    "deny": ("customer", "Plan that a request is denied."),
    "withdraw": ("practitioner", "Plan that a request is withdrawn, usually by who asked."),
}
_EXAMPLE = """

\b
Example:
  accountmerge access {decision} practice.json --request q-1 --by {who} \\
    --at 2026-03-03T09:00:00+11:00 --out plan.json"""


def _add_decision(decision: Decision, usual_role: DeciderRole, text: str) -> None:
    """Add the command of a decision."""
    who = "c-2" if usual_role == "customer" else "p-1"

    @access.command(decision, help=text + _EXAMPLE.format(decision=decision, who=who))
    @planning()
    def decide(
        reader: OptionReader,
        request: Annotated[str, typer.Option(metavar="ID", help="The id of the access request.")],
        by: Annotated[str, typer.Option(metavar="NAME", help=_BY_HELP)],
        role: Annotated[str, typer.Option(metavar="ROLE", help=_ROLE_HELP)] = usual_role,
        why: Annotated[str, typer.Option(metavar="TEXT", help="Why.", show_default=False)] = "",
    ) -> Question:
        values = {
            "decision": decision,
            "request_id": reader.id("--request", request),
            "role": reader.word("--role", role, DECIDER_ROLES),
            "by": reader.visible("--by", by),
            "reason": reader.text("--why", why),
        }
        return Question(
            am.customers.plan_access_decision, am.customers.CustomerRules, am.customers.AccessDecision, values
        )


for _decision, (_role, _text) in _WHAT_IT_DOES.items():
    _add_decision(_decision, _role, _text)
