"""The command that proves a store by the conformance kit, which needs the extra `testing`."""

import asyncio
import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any

import attrs
import typer

from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import limits_from, print_json
from accountmerge.cli.named_objects import named_object
from accountmerge.cli.options import JsonOption, LimitsOption, command
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.reports.lines import Line, shown

_INSTALL = "pip install 'accountmerge[testing]'"
_PROMISES_HELP = "A capability that the store {}, such as {}. Repeatable."


class Level(StrEnum):
    """A level of the kit."""

    SMOKE = "smoke"
    QUICK = "quick"
    FULL = "full"


class Ids(StrEnum):
    """The ids of new rows."""

    PLANNED = "planned"
    OWN = "own"


@command
def prove(
    screen: Screen,
    factory: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:FACTORY",
            help="A function that makes an adapter of your store, as shop.stores:make.",
        ),
    ],
    level: Annotated[Level, typer.Option("--level", help="How much to try.")] = Level.QUICK,
    ids: Annotated[Ids, typer.Option("--ids", help="Whether the store gives its own ids.")] = Ids.PLANNED,
    limits: LimitsOption = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The seed of the drawn plans.")] = 0,
    keeps: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME", help=_PROMISES_HELP.format("promises", "atomic_set")),
    ] = None,
    lacks: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="NAME", help=_PROMISES_HELP.format("does not promise", "versions")),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Prove a store with the conformance kit, law by law; ends with 1 if a law is broken.

    The module is found in the current folder, too. Needs the extra `testing`.

    \b
    Example:
      accountmerge prove shop.stores:make --level smoke --without versions
      accountmerge prove shop.stores:make --ids own --limits limits.json
    """  # noqa: D301
    try:
        conformance = importlib.import_module("accountmerge.testing.conformance")
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise BadInput(Problem("kit_missing", command=_INSTALL)) from error
    capabilities = _promised(conformance.Capabilities, keeps or (), lacks or ())
    narrow = limits_from(limits)
    make = _factory(factory)
    with _runner(make) as run:
        try:
            report = conformance.verify_store(
                make,
                capabilities=capabilities,
                level=level.value,
                seed=seed,
                ids=ids.value,
                limits=narrow,
                run=run,
                on_progress=_Telling(screen),
            )
        except TypeError as error:
            raise BadInput(Problem("no_adapter", name=factory)) from error
    if json:
        print_json(_plain(report))
    else:
        screen.report(Line(shown(line)) for line in str(report).splitlines())
    return READY if report.ok else FOUND


class _Telling:
    """Shows each law on standard error when its first plan is tried."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._law = ""

    def __call__(self, law: str, done: int, count: int) -> None:
        if law != self._law:
            self._law = law
            self._screen.note("cli.proving", law=law, done=done, count=count)


def _promised(capabilities: Any, keeps: Any, lacks: Any) -> Any:
    names = tuple(field.name for field in attrs.fields(capabilities))
    for option, chosen in (("--with", keeps), ("--without", lacks)):
        if not set(chosen) <= set(names):
            raise BadInput(Problem("bad_value", name=option, allowed=names))
    return capabilities(**dict.fromkeys(keeps, True), **(dict.fromkeys(set(lacks) - set(keeps), False)))


def _factory(name: str) -> Callable[[], Any]:
    """Return a function by its module and its name."""
    try:
        made = named_object(name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise BadInput(Problem("no_factory", name=name)) from error
    if not callable(made):
        raise BadInput(Problem("no_factory", name=name))
    factory: Callable[[], Any] = made
    return factory


@contextlib.contextmanager
def _runner(make: Callable[[], Any]) -> Iterator[Any]:
    """Yield the function that runs a coroutine to its end; None if the adapter is not asynchronous."""
    adapter = make()
    is_async = inspect.iscoroutinefunction(getattr(adapter, "apply", None))
    with asyncio.Runner() if is_async else contextlib.nullcontext() as runner:
        closing = getattr(adapter, "close", None)
        if callable(closing):
            ended = closing()
            if runner is not None and inspect.isawaitable(ended):
                runner.run(_awaited(ended))
        yield None if runner is None else runner.run


async def _awaited(what: Any) -> Any:
    return await what


def _plain(report: Any) -> dict[str, Any]:
    """Return a report as plain data, without the failing plan."""
    return {
        "profile": report.profile,
        "level": report.level,
        "seed": report.seed,
        "ok": report.ok,
        "laws": [
            {
                "law": result.law,
                "status": result.status,
                "why": result.why,
                "counts": dict(result.counts),
                "call": result.failure.call if result.failure else "",
            }
            for result in report.results
        ],
        "not_held": dict(report.not_held),
    }
