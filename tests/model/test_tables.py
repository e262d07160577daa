"""Tables: whatever is changed in whatever order, they answer as a list that is read from end to end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.tables import Table
from small_values import customer, profile

if TYPE_CHECKING:
    from collections.abc import Iterable

ATTRIBUTES = ("record_number", "merged_into", "mailboxes", "phones", "former_logins")
few = st.sampled_from(("a", "b", "c"))
ids = st.sampled_from(("C0", "C1", "C2", "C3", "C4"))


@st.composite
def rows(draw: st.DrawFn) -> am.Customer:
    emails = [
        am.CustomerEmail(f"{draw(few)}@example.com", "former", draw(st.none() | few))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return customer(
        draw(ids),
        record_number=draw(few),
        merged_into=draw(st.none() | few),
        phones=draw(st.lists(few, max_size=3)),
        emails=emails,
    )


changes = st.one_of(
    st.tuples(st.just("change"), st.lists(rows(), max_size=3), st.lists(ids, max_size=2)),
    st.tuples(st.just("ask"), st.sampled_from(ATTRIBUTES), st.just(None)),
)


def grouped(found: Iterable[am.Customer], attribute: str) -> dict[str, Counter[am.Customer]]:
    """Group by reading everything."""
    groups: dict[str, Counter[am.Customer]] = {}
    for row in found:
        value = getattr(row, attribute)
        for key in set(value if isinstance(value, tuple) else () if value is None else (value,)):
            groups.setdefault(key, Counter())[row] += 1
    return groups


def check(table: Table[am.Customer], model: dict[str, am.Customer], attributes: Iterable[str]) -> None:
    assert len(table) == len(model)
    assert Counter(table) == Counter(model.values())
    assert table.sorted() == [model[id] for id in sorted(model)]
    assert table == Table(model.values())
    assert hash(table) == hash(Table(reversed(model.values())))
    for id in ("C0", "C1", "C2", "C3", "C4", "C5"):
        assert table.get(id) == model.get(id)
        assert (id in table) == (id in model)
    for attribute in attributes:
        wanted = grouped(model.values(), attribute)
        assert {key: Counter(group) for key, group in table.groups(attribute).items()} == wanted
        for key in ("a", "b", "c", "a@example.com", "nobody"):
            assert Counter(table.where(attribute, key)) == wanted.get(key, Counter())


@given(st.lists(rows(), max_size=4), st.lists(changes, max_size=8))
def test_tables_agree_with_a_list_after_any_changes(first: list[am.Customer], steps: list[Any]) -> None:
    model = {row.id: row for row in first}
    table = Table(first)
    asked: set[str] = set()
    history: list[tuple[Table[am.Customer], dict[str, am.Customer]]] = []
    for how, what, gone in steps:
        if how == "ask":
            asked.add(what)
            table.groups(what)
            continue
        event("changed")
        history.append((table, dict(model)))
        put = {row.id: row for row in what}
        table = table.changed(put, gone)
        for id in gone:
            model.pop(id, None)
        model.update(put)
        check(table, model, asked)
    check(table, model, ATTRIBUTES)
    for earlier, earlier_model in history:
        check(earlier, earlier_model, ATTRIBUTES)


def test_a_table_that_nothing_changes_is_itself() -> None:
    table = Table([customer()])
    assert table.changed({}) is table


def test_an_entity_is_in_a_table_with_just_its_values() -> None:
    table = Table([customer("C1", record_number="1")])
    assert customer("C1", record_number="1") in table
    assert customer("C1", record_number="2") not in table
    assert profile("C1") not in table
    assert None not in table
    assert table != [customer("C1", record_number="1")]


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Table([customer()])["C2"]


def test_a_table_cannot_be_changed_in_place() -> None:
    table = Table([customer()])
    with pytest.raises(AttributeError):
        table._rows = {}
    with pytest.raises(AttributeError):
        del table._rows
    assert repr(table) == "Table(1 entities)"
