"""A law about a process that the operating system kills while it applies."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from accountmerge.testing.conformance.comparisons import expect_one_of
from accountmerge.testing.conformance.drivers import Driver
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.law_cases import evenly
from accountmerge.testing.reference.fault_plans import Points

if TYPE_CHECKING:
    from accountmerge.testing.conformance.law_cases import LawCase

KILL_NEEDS = ("survives_kill", "durable_progress")
"""The capabilities without which a killed process is no fair example."""
MOST_KILLS = 6
"""The most points of one plan at which a process is killed, evenly chosen: each starts an interpreter."""
PATIENCE = 60.0
"""Seconds after which a process counts as stuck."""
SPARED = 3
"""The exit code of a process that reached none of the points at which it was to be killed."""

_CHILD = (
    "import pickle, sys\n"
    "path, rest = pickle.load(sys.stdin.buffer)\n"
    "sys.path[:] = path\n"
    "from accountmerge.testing.conformance.kills import apply_and_die\n"
    "apply_and_die(rest)\n"
)


def a_killed_process_leaves_no_trace(case: LawCase) -> None:
    """A process killed while it applies leaves whole steps, and the next one does the rest."""
    if len(case.change_set.steps) == 1:
        return  # the crashes have shown that; an interpreter is expensive
    names = case.names_of_points
    for at in evenly(len(names), MOST_KILLS):
        driver = case.fresh()
        _applied_until_killed(case, at)
        driver.reopen()
        when = f"after a process was killed at {names[at]!r}"
        if case.subject.capabilities.atomic_step is True:
            ends = [case.after_steps(n) for n in range(len(case.change_set.steps) + 1)]
            expect_one_of(ends, case.look(), when)
        driver.apply(case.change_set, case.now)
        expect_one_of([case.whole], case.look(), f"{when}, opened and applied again")
        case.count("killed processes")


def _applied_until_killed(case: LawCase, at: int) -> None:
    """Have another process apply the change set and die at a point."""
    try:
        rest = pickle.dumps((case.driver.adapter, case.subject.run, case.change_set, case.now, at))
    except Exception as error:
        raise LawBroken(
            f"survives_kill needs an adapter that can be pickled, and a module that it can be imported from: {error}"
        ) from error
    ended = subprocess.run(  # noqa: S603 - this very interpreter, with a program that is written above
        [sys.executable, "-c", _CHILD],
        input=pickle.dumps((sys.path, rest)),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode in (0, 1, SPARED):
        told = ended.stderr.decode(errors="replace").strip().splitlines()
        raise LawBroken(
            f"the process was to be killed, and ended by itself: {told[-1] if told else 'without a word'}"
        )


def apply_and_die(rest: bytes) -> None:
    """Apply a change set in this process, and kill it at a point."""
    adapter, run, change_set, now, at = pickle.loads(rest)  # noqa: S301 - from the process that started this one
    Driver(adapter, run).apply(change_set, now, Points(at, _die))
    sys.exit(SPARED)


def _die() -> Any:
    """End this process as the operating system does, without any cleanup."""
    signal.raise_signal(getattr(signal, "SIGKILL", signal.SIGABRT))
