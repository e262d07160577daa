"""The check, the progress and the application of a change set, to a snapshot or to a database."""

from __future__ import annotations

from collections.abc import Iterable

import accountmerge as am
from accountmerge.changes.appliers import Applied
from accountmerge.cli.answers import change_set_of, plan_from
from accountmerge.cli.contract_json import plain_applied, plain_progress
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json, receipts_from
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import Source
from accountmerge.reports.contract_text import failure_lines, progress_lines
from accountmerge.reports.lines import Line, spoken


class Progress:
    """How much of a change set is done.

    Attributes:
        resumption: The state of each edit.
        failures: The reasons not to apply the rest; empty if it can be applied, or if all is done.

    Args:
        screen: Where slow work is told.
        data: The snapshot or the database.
        change_set: The change set.
        receipts: The receipts of a snapshot; a database has its own.
    """

    def __init__(
        self, screen: Screen, data: Source, change_set: am.ChangeSet, receipts: tuple[am.Receipt, ...]
    ) -> None:
        self._screen, self._data, self._change_set, self._receipts = screen, data, change_set, receipts
        self._snapshot = None if data.is_store else data.snapshot(screen)
        with screen.busy("cli.checking"):
            self.resumption = self._resumption()
            self.is_over = self.resumption.is_finished and not change_set.blocked
            self.failures = () if self.is_over else _failures(data, self._snapshot, change_set, receipts)

    def _resumption(self) -> am.changes.Resumption:
        if self._snapshot is None:
            return self._data.database().resume(self._change_set)
        return am.resume(self._snapshot, self._change_set, self._receipts)

    def snapshot(self) -> am.Snapshot:
        """Return the data, all of them if they are in a database."""
        if self._snapshot is None:
            self._snapshot = self._data.snapshot(self._screen)
        return self._snapshot

    def after(self) -> am.Snapshot:
        """Return the data with the rest applied."""
        snapshot = self.snapshot()
        return snapshot if self.is_over else am.apply(snapshot, self._change_set, self._receipts)


def failures_of(
    screen: Screen, data: Source, change_set: am.ChangeSet, receipts: Iterable[str] | None
) -> tuple[am.changes.Failure, ...]:
    """Return the reasons not to apply a change set."""
    known = _known(screen, data, change_set, receipts)
    snapshot = None if data.is_store else data.snapshot(screen)
    with screen.busy("cli.checking"):
        return _failures(data, snapshot, change_set, known)


def progress_of(
    screen: Screen, data: Source, change_set: am.ChangeSet, receipts: Iterable[str] | None = None
) -> Progress:
    """Return how much of a change set is done."""
    return Progress(screen, data, change_set, _known(screen, data, change_set, receipts))


def apply_to_store(screen: Screen, data: Source, plan: str, *, by: str, is_sure: bool, as_json: bool) -> int:
    """Apply a plan to a database, or only show its steps, and return the exit code."""
    reader = OptionReader()
    name = reader.visible("--by", by)
    reader.finish()
    change_set = change_set_of(plan_from(screen, plan))
    found = progress_of(screen, data, change_set)
    if found.failures or not is_sure:
        if as_json:
            print_json(plain_progress(change_set, found.resumption, found.failures, screen.language))
        else:
            screen.report(progress_lines(change_set, found.resumption, found.failures, screen.language))
        if not (found.failures or found.is_over):
            screen.note("cli.not_applied", option="--yes")
        return READY if found.is_over else FOUND
    with screen.progress("cli.applying") as on_step:
        applied = data.database().apply(change_set, name, on_step)
    if as_json:
        print_json(plain_applied(change_set, applied, screen.language))
    else:
        screen.report(_applied_lines(change_set, applied, screen.language))
    return FOUND if applied.failures else READY


def _applied_lines(change_set: am.ChangeSet, applied: Applied, language: str) -> Iterable[Line]:
    outcomes = list(applied.outcomes.values())
    counts = {word: outcomes.count(word) for word in ("applied", "already", "drifted")}
    if applied.failures:
        yield spoken("cli.store_drifted", language, "blocker", plan_id=change_set.plan_id, **counts)
    else:
        yield spoken("cli.applied_to_store", language, "good", plan_id=change_set.plan_id, **counts)
    yield from failure_lines(applied.failures, language)


def _known(
    screen: Screen, data: Source, change_set: am.ChangeSet, receipts: Iterable[str] | None
) -> tuple[am.Receipt, ...]:
    data.refuse_if_store({"--receipts": receipts})
    return receipts_from(screen, receipts, change_set.plan_id)


def _failures(
    data: Source,
    snapshot: am.Snapshot | None,
    change_set: am.ChangeSet,
    receipts: tuple[am.Receipt, ...],
) -> tuple[am.changes.Failure, ...]:
    if snapshot is None:
        return data.database().check(change_set)
    return am.check(snapshot, change_set, receipts)
