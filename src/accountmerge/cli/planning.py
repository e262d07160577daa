"""The options of all planning commands, and the way from a question to a shown plan."""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import typer

from accountmerge.cli.answers import deliver
from accountmerge.cli.files import limits_from, rules_from
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import (
    AllOption,
    AskedByOption,
    AtOption,
    Command,
    ForceOption,
    JsonOption,
    LimitsOption,
    PlanOutOption,
    RulesOption,
    ValuesOption,
    taking,
)
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument, Source

_ACCEPTANCE = "Acceptance"
"""A group of options in the help."""


class Question(NamedTuple):
    """A question that a planning command answers, from its own options.

    Attributes:
        planner: The function that answers it.
        rules: The class of its rules.
        request: The class of its request.
        values: The arguments of that class, with a placeholder for each refused value.
        customers: The customers whose data the planner needs; None for all data. It counts for a database.
    """

    planner: Callable[..., Any]
    rules: type[Any]
    request: Callable[..., Any]
    values: dict[str, Any]
    customers: tuple[str, ...] | None = None


def _accepting(
    *,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FINDING",
            help="The id of a finding to accept, as the plan shows it. Repeatable.",
            rich_help_panel=_ACCEPTANCE,
        ),
    ] = None,
    accepted_by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who accepts them.", rich_help_panel=_ACCEPTANCE)
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why they are accepted.", rich_help_panel=_ACCEPTANCE)
    ] = None,
) -> None: ...


def _delivering(
    *,
    rules: RulesOption = None,
    limits: LimitsOption = None,
    values: ValuesOption = False,
    all: AllOption = False,  # noqa: A002 - the name of the option
    json: JsonOption = False,
    asked_by: AskedByOption = None,
    out: PlanOutOption = None,
    force: ForceOption = False,
) -> None: ...


_ACCEPTING = tuple(inspect.signature(_accepting).parameters.values())
_DELIVERING = tuple(inspect.signature(_delivering).parameters.values())
ACCEPTING, DELIVERING = (tuple(row.name for row in rows) for rows in (_ACCEPTING, _DELIVERING))
"""The names of the options that accept findings, and of those about the output of a plan."""


def planning(*, accepts: bool = False, at: Any = AtOption) -> Callable[[Callable[..., Question]], Command]:
    """Return a decorator that makes a function a planning command.

    The function reads its own options with an `OptionReader`, and returns a `Question`. In the help, `at`
    follows the last required one of them. `accepts` adds the options that accept findings.
    """

    def decorated(function: Callable[..., Question]) -> Command:
        _, *own = inspect.signature(function).parameters.values()
        names = [row.name for row in own]
        required = [row for row in own if row.default is row.empty]
        parameters = [
            inspect.Parameter("data", inspect.Parameter.KEYWORD_ONLY, annotation=SnapshotArgument),
            *required,
            inspect.Parameter("at", inspect.Parameter.KEYWORD_ONLY, annotation=at),
            *(row for row in own if row not in required),
            *(_ACCEPTING if accepts else ()),
            *_DELIVERING,
        ]

        def run(screen: Screen, values: dict[str, Any]) -> int:
            reader = OptionReader(screen.typed_zone)
            question = function(reader, **{name: values[name] for name in names})
            moment = moment_from(reader, values["at"], values["data"])
            if accepts:
                question.values["accept"] = reader.acceptances(*(values[name] for name in ACCEPTING))
            reader.finish()
            return plan_and_deliver(screen, question, moment, values)

        return taking(parameters, run, like=function)

    return decorated


def with_plan_options(function: Command) -> Command:
    """Return a function as a command that also takes the options of a plan."""
    _, *own = inspect.signature(function).parameters.values()
    rows = [row for row in own if row.kind is not row.VAR_KEYWORD]
    return taking(
        [*rows, *_ACCEPTING, *_DELIVERING],
        lambda screen, values: function(screen, **values),
        like=function,
    )


def moment_from(reader: OptionReader, text: str, data: Source) -> datetime | None:
    """Return the instant of `--at`, or None for `now`, which is when a database is read."""
    return None if data.is_store and text == "now" else reader.instant("--at", text)


def plan_and_deliver(screen: Screen, question: Question, at: datetime | None, values: dict[str, Any]) -> int:
    """Answer a question with a plan, write and show it, and return its exit code."""
    request = question.request(**question.values)
    rules = rules_from(values["rules"], question.rules)
    data: Source = values["data"]
    limits = data.limits() if values["limits"] is None else limits_from(values["limits"])
    snapshot = data.snapshot(screen, customers=question.customers)
    with screen.busy("cli.planning"):
        plan = question.planner(
            snapshot, request, rules=rules, at=snapshot.taken_at if at is None else at, limits=limits
        )
    shown = {name: values[name] for name in DELIVERING if name not in ("rules", "limits")}
    return deliver(screen, plan, **shown)
