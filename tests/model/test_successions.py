"""Who a customer is after all merges, and which links lead in a circle, against a walk by hand."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from accountmerge.model.successions import Persons, circles
from accountmerge.model.tables import Table
from small_values import customer

LINKS = st.dictionaries(st.integers(0, 7), st.one_of(st.none(), st.integers(0, 7)), min_size=8, max_size=8)


def walk(links: dict[str, str | None], start: str) -> list[str]:
    """Return where the links lead, a row and what is behind it once each."""
    path = [start]
    while (onward := links[path[-1]]) is not None and onward not in path:
        path.append(onward)
    return path


def named(drawn: dict[int, int | None]) -> dict[str, str | None]:
    """Return links between all of eight ids; those that are not drawn lead nowhere."""
    found = {str(n): drawn.get(n) for n in range(8)}
    return {id: None if other is None else str(other) for id, other in found.items()}


def person(links: dict[str, str | None], id: str) -> str:
    path = walk(links, id)
    back = links[path[-1]]
    return path[-1] if back is None else min(path[path.index(back) :])


@given(LINKS, st.permutations(range(8)))
def test_a_person_is_the_last_survivor_or_the_least_of_a_circle(
    drawn: dict[int, int | None], order: list[int]
) -> None:
    """In whatever order they are asked for: what is remembered of one is right for the others."""
    links = named(drawn)
    persons = Persons(Table(customer(id, merged_into=into) for id, into in links.items()))
    assert {str(n): persons.of(str(n)) for n in order} == {id: person(links, id) for id in links}


@given(LINKS, st.integers(0, 7), st.integers(0, 7))
def test_what_is_planned_goes_before_what_is_so(
    drawn: dict[int, int | None], absorbed: int, survivor: int
) -> None:
    links = named(drawn)
    planned = {str(absorbed): str(survivor)}
    persons = Persons(Table(customer(id, merged_into=into) for id, into in links.items()), planned)
    merged = links | planned
    assert [persons.of(id) for id in links] == [person(merged, id) for id in links]


@given(LINKS)
def test_each_circle_is_found_once(drawn: dict[int, int | None]) -> None:
    links = named(drawn)
    wanted = {
        tuple(sorted(path[path.index(back) :]))
        for path in (walk(links, id) for id in links)
        if (back := links[path[-1]]) is not None
    }
    event(f"circles: {len(wanted)}")
    found = list(circles({id: other for id, other in links.items() if other is not None}))
    assert (len(found), set(found)) == (len(wanted), wanted)
