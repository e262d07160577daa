"""A process that applies a change set is killed again and again, and each step is carried out exactly once."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from typing import Any

import attrs
import pytest
from killed_child import apply_and_tell
from moved_practice import (
    columns_without_keys,
    in_planned_ids,
    migration_of,
    orphans,
    overlapping,
    practice,
    store_of,
)
from sqlalchemy import Engine, func, select

import accountmerge as am
from accountmerge import sql
from sql_servers import Postgres, opened

MESSAGES_OF_A_STEP = 24
"""About the number of messages of a child about one step."""


@attrs.frozen
class Moment:
    """The moment of a kill: so many messages after a child has begun a step, and so many seconds after the last one."""

    step: int
    messages: int
    seconds: float


def moments(kills: int, steps: int) -> list[Moment]:
    """Return moments that are spread over all steps; the first one is before the first step.

    The last one leaves a child some steps, so that it is not done before it is killed.
    """
    chance = random.Random(4)  # noqa: S311 - the same in every run
    begun = sorted(1 + each * (steps - 4) // (kills - 2) for each in range(kills - 1))
    drawn = [Moment(0, chance.randrange(6), 0.0)]
    for step in begun:
        seconds = chance.choice([0.0, chance.uniform(0, 0.004)])
        drawn.append(Moment(step, chance.randrange(MESSAGES_OF_A_STEP), seconds))
    return drawn


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database that has written to the disk what it says, of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_engine")
    else:
        server: Postgres = request.getfixturevalue("durable_postgres")
        with server.new_database() as url, opened(url) as engine:
            yield engine


@pytest.fixture(scope="module")
def processes() -> BaseContext:
    """Return a context whose processes begin with all modules, where there is one."""
    ways = multiprocessing.get_all_start_methods()
    if "forkserver" not in ways:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # It finds only modules that are installed, and leaves out the others without a word.
    context.set_forkserver_preload(["accountmerge.sql", "psycopg", "pytest"])
    return context


@pytest.mark.unmeasured
def test_an_apply_that_is_killed_again_and_again_ends_in_the_planned_state(
    durable_engine: Engine, processes: BaseContext
) -> None:
    assert_kept(durable_engine, processes, kills=8, bookings=40)


@pytest.mark.long
def test_an_apply_that_is_killed_at_a_hundred_moments_ends_in_the_planned_state(
    durable_engine: Engine, processes: BaseContext
) -> None:
    assert_kept(durable_engine, processes, kills=100, bookings=200)


def assert_kept(engine: Engine, processes: BaseContext, *, kills: int, bookings: int) -> None:
    """Kill an apply at many moments; half of the bookings move, each with two edits."""
    mapping = practice(engine, clients=12, bookings=bookings)
    store = store_of(engine, mapping)
    before = store.snapshot()
    change_set = migration_of(store).change_set
    assert sum(len(step.edits) for step in change_set.steps) >= bookings
    text = am.dumps(change_set)
    killed, stored = 0, Counter[int]()
    for moment in moments(kills, len(change_set.steps)):
        killed += killed_at(moment, processes, engine, text)
        stored[len(store.receipts())] += 1
        assert am.find_faults(store.snapshot()) == ()
    assert killed == kills, "a child was done before it could be killed"
    assert len(stored) > kills // 2  # they were spread over the steps

    again = store.apply(change_set, by="the last one")
    assert not again.failures
    assert set(again.outcomes.values()) <= {"already", "applied"}
    assert in_planned_ids(store, change_set) == am.apply(before, change_set)
    assert overlapping(engine) == []
    assert orphans(engine, mapping) == {}
    steps = [f"{change_set.plan_id}/{n}" for n in range(1, len(change_set.steps) + 1)]
    receipts = store.receipts()
    assert sorted(receipt.step_id for receipt in receipts) == sorted(steps)
    assert {receipt.outcome for receipt in receipts} == {"applied"}  # each was carried out by its own run
    assert store.apply(change_set, by="a test").outcomes == dict.fromkeys(again.outcomes, "already")
    assert left_by_a_run(engine, mapping) == left_by_an_unkilled_run(engine, mapping, bookings)


def left_by_an_unkilled_run(engine: Engine, mapping: sql.Mapping, bookings: int) -> tuple[Any, ...]:
    """Make the practice anew, apply the same without a kill, and return what is left."""
    mapping.tables.added.drop_all(engine)
    mapping.metadata.drop_all(engine)
    fresh = practice(engine, clients=12, bookings=bookings)
    store = store_of(engine, fresh)
    store.apply(migration_of(store), by="a run that is not killed")
    return left_by_a_run(engine, fresh)


def left_by_a_run(engine: Engine, mapping: sql.Mapping) -> tuple[Any, ...]:
    """Return the rows of calendars and bookings without keys, and the number of rows in each added table."""
    return columns_without_keys(engine), counted(engine, mapping)


def counted(engine: Engine, mapping: sql.Mapping) -> dict[str, int]:
    """Return the number of rows in each added table."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in mapping.tables.added.sorted_tables
        }


def killed_at(moment: Moment, processes: BaseContext, engine: Engine, change_set: str) -> bool:
    """Let a process apply a change set, and kill it at a moment; return whether it was killed."""
    receiver, sender = processes.Pipe(duplex=False)
    url = engine.url.render_as_string(hide_password=False)
    child: Any = processes.Process(target=apply_and_tell, args=(url, change_set, sender))  # type: ignore[attr-defined]
    child.start()
    sender.close()
    left, has_begun = moment.messages, moment.step == 0
    try:
        assert receiver.recv_bytes() == b"ready"
        while left > 0 or not has_begun:
            told = receiver.recv_bytes()
            if told == b"done":
                return False
            if told.startswith(b"before ") and int(told.split()[1]) >= moment.step:
                has_begun = True
            elif has_begun:
                left -= 1
        time.sleep(moment.seconds)
        return True
    finally:
        child.kill()
        child.join()
        child.close()
        receiver.close()
