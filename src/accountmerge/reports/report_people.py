"""Make the section of an HTML report on the changes of each person's data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, EditOp
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, EntityName
from accountmerge.model.profiles import Profile
from accountmerge.reports.markup import Element, append, element, written
from accountmerge.reports.plan_lines import value_lines
from accountmerge.reports.report_parts import ReportPart, folded, items, paragraph, table
from accountmerge.reports.report_sections import left_out
from accountmerge.reports.report_words import Words, named

MOST_PEOPLE = 300
"""The most persons of one kind that a report shows: about eight pages."""
MOST_EDITS = 100
"""The most edits of one person that a report shows: about three pages."""
AT_ONCE = 12
"""The number of persons up to which the table is not folded."""
_OPS: tuple[EditOp, ...] = ("create", "change", "remove")

Person = tuple[EntityName, str]
"""A customer or a profile, by kind and id."""


def people_section(part: ReportPart) -> Element:
    """Return the number of edits of each person's data, and the edits as details.

    An edit counts for the customer whose entity it is before the edit, or after it if it is created, and for the
    profile if it is an edit of a profile.
    """
    words, people = part.words, _edits_of_people(part.change_set)
    if not people:
        return part.section("people", [paragraph(words.say("no_people"))])
    kinds: tuple[EntityName, ...] = ("profile", "customer")
    groups = {
        kind: {person[1]: edits for person, edits in people.items() if person[0] == kind} for kind in kinds
    }
    tables = (_people(part, kind, edits) for kind, edits in groups.items() if edits)
    return part.section("people", [paragraph(words.say("people_note")), *tables])


def _edits_of_people(change_set: ChangeSet) -> dict[Person, list[Edit]]:
    people: dict[Person, list[Edit]] = {}
    for step in change_set.steps:
        for edit in step.edits:
            people.setdefault(person_of(edit), []).append(edit)
    return people


def person_of(edit: Edit) -> Person:
    """Return the person whose data an edit changes."""
    image = edit.before or edit.after
    if isinstance(image, Profile):
        return "profile", image.id
    if isinstance(image, Customer):
        return "customer", image.id
    return "customer", getattr(image, "customer_id", "")


def _people(part: ReportPart, kind: EntityName, people: dict[str, list[Edit]]) -> Element:
    words = part.words
    shown_people = dict(sorted(people.items())[:MOST_PEOPLE])
    names = _names(part.change_set) if words.values else {}
    rows = [_person(words, id, edits, names.get((kind, id))) for id, edits in shown_people.items()]
    below = [_entries(words, edits) for edits in shown_people.values()]
    heads = (words.entity(kind), *(words.say(f"head_{op}") for op in _OPS), words.say("head_all"))
    caption = words.say(f"caption_people_{kind}")
    body = element("div", table(caption, heads, rows, numbers=len(_OPS) + 1, below=below))
    append(body, left_out(words, f"people.{kind}", len(people) - len(rows), part.file))
    if len(people) <= AT_ONCE:
        return body
    return folded(words.say(f"people_{kind}"), body, number=words.counted(f"people.{kind}", len(people)))


def _person(words: Words, id: str, edits: list[Edit], name: str | None) -> tuple[Element, ...]:
    counts = Counter(edit.op for edit in edits)
    who = element("span", named(id), " " if name else None, written(name) if name else None)
    return (
        who,
        *(words.counted(f"person.{op}", counts[op]) for op in _OPS),
        words.counted("person.all", len(edits)),
    )


def _entries(words: Words, edits: list[Edit]) -> Element:
    """Return the edits of a person as details."""
    lines = items((_edit(words, edit) for edit in edits[:MOST_EDITS]), class_="edits")
    more = len(edits) - MOST_EDITS
    rest = paragraph(words.say("left_out"), " ", words.counted("left_out.edits", more)) if more > 0 else None
    return folded(words.say("open_entries"), lines, rest)


def _edit(words: Words, edit: Edit) -> Element:
    fields = ", ".join(map(words.field, edit.changed_fields))
    line = element("span", words.say(f"did_{edit.op}", name=words.entity(edit.entity)), " ", named(edit.id))
    append(line, f": {fields}" if fields else None)
    if words.values:
        lines = (written(text.text.strip()) for text in value_lines(edit, words.language))
        append(line, items(lines, class_="values"))
    return line


def _names(change_set: ChangeSet) -> dict[Person, str]:
    """Return the names of customers and the addresses of profiles in the images of a plan."""
    images: list[Entity | None] = [*change_set.images]
    images += [
        image for step in change_set.steps for edit in step.edits for image in (edit.after, edit.before)
    ]
    return dict(_named(images))


def _named(images: Iterable[Entity | None]) -> Iterator[tuple[Person, str]]:
    for image in images:
        if isinstance(image, Profile):
            yield ("profile", image.id), image.email.text
        elif isinstance(image, Customer):
            name = " ".join(filter(None, (image.given_name, image.family_name)))
            if name:
                yield ("customer", image.id), name
