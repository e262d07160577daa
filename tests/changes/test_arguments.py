"""Arguments of the wrong type are refused by their name, in words of our own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

import accountmerge as am
from asked_rows import read
from small_values import NOON
from stored_questions import planned

changes = am.changes


@cache
def right() -> dict[str, Any]:
    """Return right arguments by the name that the calls give them."""
    data, change_set = planned("merge")[0]
    return {
        "data": data,
        "set": change_set,
        "compiled": changes.compiled(change_set),
        "report": am.resume(data, change_set),
        "excerpt": read(data, changes.reading(change_set, taken_at=data.taken_at)),
    }


Call = Callable[[Any, Any], object]

CALLS: dict[str, tuple[str, Call, tuple[Any, ...]]] = {
    "check_step data": (
        "data",
        lambda ok, it: changes.check_step(it, ok["compiled"], 1),
        (None, "x", [], object()),
    ),
    "check_step compiled": (
        "compiled",
        lambda ok, it: changes.check_step(ok["data"], it, 1),
        (None, "x", "the set"),
    ),
    "check_step n": (
        "n",
        lambda ok, it: changes.check_step(ok["data"], ok["compiled"], it),
        ("1", True, 0, -1, 1.0, None, 10_000, 2**60, float("nan")),
    ),
    "check_step receipts": (
        "receipts",
        lambda ok, it: changes.check_step(ok["data"], ok["compiled"], 1, receipts=it),
        (None, "x", ["x"], [None], 5, {"a": 1}),
    ),
    "step n": ("n", lambda ok, it: ok["compiled"].step(it), ("1", True, 0, None, 10_000)),
    "prefix n": ("n", lambda ok, it: ok["set"].prefix(it), ("1", True, None, 1.0)),
    "reading set": ("change_set", lambda _, it: changes.reading(it), (None, "x", 1)),
    "reading through": (
        "through",
        lambda ok, it: changes.reading(ok["set"], through=it),
        ("1", True, -1, 10_000, 1.0),
    ),
    "reading step": (
        "step",
        lambda ok, it: changes.reading(ok["set"], step=it),
        ("1", True, 0, -1, 10_000, 1.0),
    ),
    "reading receipts": (
        "receipts",
        lambda ok, it: changes.reading(ok["set"], receipts=it),
        (None, "x", ["x"], 5),
    ),
    "reading taken_at": (
        "taken_at",
        lambda ok, it: changes.reading(ok["set"], taken_at=it),
        ("x", 5, NOON.replace(tzinfo=None)),
    ),
    "reading rows": ("rows", lambda ok, it: answered(ok["set"], it), (None, "x", 5, ["x"], [None], {"a": 1})),
    "Applier compiled": (
        "compiled",
        lambda _, it: changes.Applier(it, by="a test"),
        (None, "x", "the set"),
    ),
    "Applier by": ("by", lambda ok, it: applier(ok, by=it), (None, 5, "", " ")),
    "Applier batch": ("batch", lambda ok, it: applier(ok, batch=it), (None, "1", True, 0, 1.5)),
    "Applier gives_ids": ("gives_ids", lambda ok, it: applier(ok, gives_ids=it), (None, "no", 0)),
    "Applier patience": (
        "patience",
        lambda ok, it: applier(ok, patience=it),
        (None, "1", True, -1, float("nan")),
    ),
    "Applier clock": ("clock", lambda ok, it: applier(ok, clock=it), (None, 5)),
    "Applier chance": ("chance", lambda ok, it: applier(ok, chance=it), (0, "x", 5)),
    "moved set": ("change_set", lambda _, it: changes.moved(it), (None, "x", 1)),
    "moved receipts": ("receipts", lambda ok, it: changes.moved(ok["set"], it), ("x", ["x"], [None], 5)),
    "where_now snapshot": ("snapshot", lambda _, it: changes.where_now(it, "C1"), (None, "x")),
    "where_now id": ("id", lambda ok, it: changes.where_now(ok["data"], it), (None, 5, ["C1"], b"C1")),
    "where_now entity": (
        "entity",
        lambda ok, it: changes.where_now(ok["data"], "C1", entity=it),
        ("client", 5, ["customer"], "customers"),
    ),
    "due set": ("change_set", lambda _, it: changes.due(it, 1), (None, "x")),
    "due step": ("step", lambda ok, it: changes.due(ok["set"], it), (None, "1", True, 1.0)),
    "owed set": ("change_set", lambda ok, it: changes.owed(it, ok["report"]), (None, "x")),
    "owed report": ("report", lambda ok, it: changes.owed(ok["set"], it), (None, "x", ())),
    "owed done": (
        "done",
        lambda ok, it: changes.owed(ok["set"], ok["report"], done=it),
        (None, "an id", 5, iter(())),
    ),
    "difference first": ("first", lambda ok, it: changes.difference(it, ok["data"]), (None, "the set")),
    "difference second": ("second", lambda ok, it: changes.difference(ok["data"], it), (None, "the set")),
    "dependence first": ("first", lambda ok, it: changes.dependence(it, ok["set"]), (None, "x")),
    "dependence second": ("second", lambda ok, it: changes.dependence(ok["set"], it), (None, "x")),
    **{
        f"{name} {argument}": (argument, call, wrong)
        for name, function in (("apply", am.apply), ("check", am.check), ("resume", am.resume))
        for argument, call, wrong in (
            ("snapshot", lambda ok, it, use=function: use(it, ok["set"]), (None, "x", "the set")),
            ("change_set", lambda ok, it, use=function: use(ok["data"], it), (None, "x", 1)),
            (
                "receipts",
                lambda ok, it, use=function: use(ok["data"], ok["set"], it),
                (None, "x", ["x"], [None], 5),
            ),
        )
    },
}


def applier(ok: Any, **options: Any) -> object:
    return changes.Applier(ok["compiled"], **{"by": "a test", **options})


def answered(change_set: am.ChangeSet, rows: Any) -> object:
    asking = changes.reading(change_set)
    next(asking)
    return asking.send(rows)


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_is_refused_by_name_and_says_what_is_allowed(name: str) -> None:
    ok = right()
    argument, call, wrong = CALLS[name]
    for value in wrong:
        given = ok["set"] if value == "the set" else value
        with pytest.raises(am.InvalidValueError) as refused:
            call(ok, given)
        assert refused.value.facts["field"] == argument, value
        told = refused.value.describe("en")
        assert f"{argument}: " in told
        assert told != refused.value.describe("fr")
        assert "{" not in told


def test_right_arguments_are_taken() -> None:
    """Excerpts and receipts from a generator, too."""
    ok = right()
    excerpt, compiled, change_set = ok["excerpt"], ok["compiled"], ok["set"]
    assert changes.check_step(excerpt, compiled, 1, receipts=iter(())).failures == ()
    assert am.check(excerpt, change_set, iter(())) == ()
    assert am.resume(excerpt, change_set) == ok["report"]
    assert changes.moved(change_set, iter(())) == ()
    assert changes.owed(change_set, ok["report"], done={"x": 1}) == ()
    changes.Applier(compiled, by="a test", patience=0, chance=None)
