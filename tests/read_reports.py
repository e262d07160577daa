"""HTML reports read as a browser does: structure, numbers, and the same numbers counted again from the plan."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import html5lib

import accountmerge as am
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.reports import report_people, report_sections, report_weeks

SVG = "{http://www.w3.org/2000/svg}"
Counts = Counter[tuple[str, int]]


def read(text: str) -> ET.Element:
    """Parse a report; a browser would show an error of the text as something else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # html5lib names a module of itself that is deprecated
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        document: ET.Element = parser.parse(text)
    faults = [code for _, code, _ in parser.errors]
    assert not faults, faults
    return document


def words_of(node: ET.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def structure(document: ET.Element) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements in their order, each with the names of its attributes."""
    return [(str(node.tag), tuple(sorted(node.attrib))) for node in document.iter()]


def counts_in(document: ET.Element) -> Counts:
    """Return the numbers of a report by their names; what is written is what the attribute says."""
    found: Counts = Counter()
    for node in document.iter():
        if "data-count" in node.attrib:
            number = int(
                re.sub(r"[,\u202f](?=\d{3})", "", re.findall(r"\d+(?:[,\u202f]\d{3})*", words_of(node))[-1])
            )
            if node.get("data-count") == "through":
                number = int(node.attrib["value"])
            assert number == int(node.get("value", number))
            found[node.attrib["data-count"], number] += 1
    return found


def assert_well_made(document: ET.Element, language: str) -> None:
    """Assert what every reader needs, of a screen reader as of eyes."""
    tags = [str(node.tag) for node in document.iter()]
    assert document.get("lang") == language
    assert (
        tags.count("h1")
        == tags.count("main")
        == tags.count("nav")
        == tags.count("title") - tags.count("svg")
        == 1
    )
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base", "a href"} & set(tags)
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    ids = [node.attrib["id"] for node in document.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    for node in document.iter():
        for name in ("aria-labelledby", "href"):
            targets = node.get(name, "").replace("#", "").split()
            assert set(targets) <= set(ids), targets
        assert not any(name.startswith("on") or name in ("src", "style") for name in node.attrib)
    for table in document.iter("table"):
        assert table[0].tag == "caption"
        assert words_of(table[0])
        assert all(head.get("scope") in ("col", "row") for head in table.iter("th"))
    for drawing in document.iter(f"{SVG}svg"):
        assert drawing.get("role") == "img"
        assert [part.tag for part in drawing][:2] == [f"{SVG}title", f"{SVG}desc"]
    style = next(document.iter("style")).text or ""
    assert not re.search(r"url\(|@import|http", style)


def counted(work: Any, zone: str = "UTC") -> Counts:
    """Count again from a plan every number that its report shows."""
    change_set: ChangeSet = getattr(work, "change_set", work)
    numbers: list[tuple[str, int]] = [("steps", len(change_set.steps))]
    if not isinstance(work, ChangeSet):
        numbers += [("blockers", len(work.blockers)), ("warnings", len(work.warnings)), *_of_findings(work)]
    if change_set.blocked:
        return Counter(numbers)
    if change_set.steps:
        numbers += [("steps", len(change_set.steps)), *_of_steps(change_set), *_of_runs(change_set)]
        numbers += [("through", change_set.through)] if change_set.through is not None else []
    rebooked = sum(step.kind == "rebook" for step in change_set.steps)
    if isinstance(work, am.MigrationPlan) and rebooked:
        numbers.append(("task.rebook_bookings", rebooked))
    return Counter([*numbers, *_of_people(change_set), *_of_ledger(change_set), *_of_weeks(change_set, zone)])


def _of_findings(plan: Any) -> list[tuple[str, int]]:
    groups = Counter(
        (
            "warning" if f.severity == "warning" else "blocker" if f.accepted is None else "accepted_blocker",
            f.code,
        )
        for f in plan.findings
    )
    numbers = []
    for (severity, code), count in groups.items():
        shown = min(count, report_sections.MOST_FINDINGS)
        numbers.append((f"findings.{severity}.{code}", count))
        numbers += [(f"more.{code}", shown - 3)] if shown > 3 else []
        numbers += [(f"left_out.{code}", count - shown)] if count > shown else []
    return numbers


def _of_steps(change_set: ChangeSet) -> list[tuple[str, int]]:
    kinds = Counter(f"steps.{step.kind}" for step in change_set.steps)
    edits = Counter((edit.entity, edit.op) for step in change_set.steps for edit in step.edits)
    entities = {entity for entity, _ in edits}
    ops = ("create", "change", "remove")
    cells = [(f"edits.{entity}.{op}", edits[entity, op]) for entity in entities for op in ops]  # type: ignore[index]
    return [*kinds.items(), *cells]


def _of_runs(change_set: ChangeSet) -> list[tuple[str, int]]:
    numbers: list[tuple[str, int]] = []
    kinds = [None, *(step.kind for step in change_set.steps), None]
    for place in range(1, len(kinds) - 1):
        starts, ends = kinds[place] != kinds[place - 1], kinds[place] != kinds[place + 1]
        numbers += [("first", place)] if starts else []
        numbers += [("last", place)] if ends and not starts else []
    return numbers


def _of_people(change_set: ChangeSet) -> list[tuple[str, int]]:
    people: dict[str, dict[str, list[str]]] = {"profile": {}, "customer": {}}
    for step in change_set.steps:
        for edit in step.edits:
            image: Any = edit.after if edit.before is None else edit.before
            kind = "profile" if edit.entity == "profile" else "customer"
            id = image.id if edit.entity in ("profile", "customer") else image.customer_id
            people[kind].setdefault(id, []).append(edit.op)
    numbers: list[tuple[str, int]] = []
    for kind, persons in people.items():
        for _, ops in sorted(persons.items())[: report_people.MOST_PEOPLE]:
            numbers += [(f"person.{op}", ops.count(op)) for op in ("create", "change", "remove")]
            numbers.append(("person.all", len(ops)))
            rest = len(ops) - report_people.MOST_EDITS
            numbers += [("left_out.edits", rest)] if rest > 0 else []
        more = len(persons) - report_people.MOST_PEOPLE
        numbers += [(f"left_out.people.{kind}", more)] if more > 0 else []
        numbers += [(f"people.{kind}", len(persons))] if len(persons) > report_people.AT_ONCE else []
    return numbers


def _of_ledger(change_set: ChangeSet) -> list[tuple[str, int]]:
    groups = Counter(f"lost.{row.entity}.{row.field}.{row.rule}" for row in change_set.ledger)
    numbers = [("lost", len(change_set.ledger)), *groups.items()] if change_set.ledger else []
    most = report_sections.MOST_LOST
    return numbers + [(f"left_out.{name}", count - most) for name, count in groups.items() if count > most]


def _of_weeks(change_set: ChangeSet, zone: str) -> list[tuple[str, int]]:
    """Count the bookings of each week: of each, the first image and the last, where they are live."""
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for step in change_set.steps:
        for edit in step.edits:
            if edit.entity == "appointment":
                first.setdefault(edit.id, edit.before)
                last[edit.id] = edit.after
    is_merge = any(first[id] and last[id] and first[id].customer_id != last[id].customer_id for id in first)
    live = {
        id: tuple(row if row and row.status in ("held", "booked") else None for row in (first[id], last[id]))
        for id in first
    }
    for id, image in first.items():
        root = getattr(last[id] or image, "replaces", None)
        if root in live and id in live:
            rows = [row for row in (live[root], live[id]) if row != (None, None)]
            begins, ends = ([row for row in rows if row[side]] for side in (0, 1))
            if len(rows) == 2 and len(begins) == len(ends) == 1 and begins != ends:
                live[root] = (begins[0][0], ends[0][1])
                del live[id]
    places = []
    for before, after in live.values():
        booked: Any = before or after
        if booked is not None:
            start = booked.slot.start.astimezone(ZoneInfo(zone)).date()
            name = "customer_id" if is_merge else "profile_id"
            owners = tuple(row and getattr(row, name) for row in (before, after))
            places.append((start - timedelta(days=start.weekday()), owners))
    return _of_places(places)


def _of_places(places: list[tuple[date, Any]]) -> list[tuple[str, int]]:
    if not places:
        return []
    weeks = Counter(week for week, _ in places)
    busiest = min(week for week in weeks if weeks[week] == max(weeks.values()))
    drawn = [owners for week, owners in places if week == busiest]
    had = {before for _, (before, _) in places if before}
    owners = sorted(had) + sorted({after for _, (_, after) in places if after} - had)
    numbers = [("week.drawn", len(drawn)), ("week.all", len(places))]
    for place, owner in enumerate(owners[: report_weeks.MOST_OWNERS], start=1):
        for side, name in enumerate(("before", "after")):
            numbers.append((f"week.{place}.{name}", sum(row[side] == owner for row in drawn)))
    more = len(owners) - report_weeks.MOST_OWNERS
    numbers += [("week.left_out", more)] if more > 0 else []
    if len(weeks) > 1:
        listed = sorted(weeks)[: report_weeks.MOST_WEEKS]
        numbers += [("weeks", len(weeks)), *(("week.one", weeks[week]) for week in listed)]
        rest = len(places) - sum(weeks[week] for week in listed)
        numbers += [("week.later", rest)] if rest else []
    return numbers
