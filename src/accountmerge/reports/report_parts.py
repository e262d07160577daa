"""Make the headings, tables, lists and folded details of an HTML report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.kinds import AnyPlan
from accountmerge.model.values import Value, value_class
from accountmerge.plans.plan import Plan
from accountmerge.reports.markup import Element, append, element
from accountmerge.reports.report_words import Words

Content = Element | str | None
_FIRST_LEVEL = 2


@value_class(eq=False, repr=False, kw_only=True)
class ReportPart(Value):
    """A plan or a change set in a report, with its place there.

    Attributes:
        work: The plan or the change set.
        words: The words of the report, in the zone of this part.
        file: The name of its file, for commands.
        prefix: The beginning of the ids of its elements.
        level: The level of its headings, from 2.
    """

    work: AnyPlan | ChangeSet
    words: Words
    file: str
    prefix: str
    level: int = _FIRST_LEVEL

    @property
    def plan(self) -> AnyPlan | None:
        """The plan; None for a change set without its plan."""
        return None if isinstance(self.work, ChangeSet) else self.work

    @property
    def change_set(self) -> ChangeSet:
        """The change set."""
        return self.work.change_set if isinstance(self.work, Plan) else self.work

    def heading(self, text: str, *, below: int = 0, id: str | None = None) -> Element:
        """Return a heading of a section, or of a part of one."""
        return element(f"h{min(self.level + below, 6)}", text, id=id)

    def section(self, name: str, children: Iterable[Content]) -> Element:
        """Return a section with its heading."""
        id = f"{self.prefix}-{name}"
        heading = self.heading(self.words.say(f"section_{name}"), id=id)
        labels = (
            id if self.level == _FIRST_LEVEL else f"{self.prefix} {id}"
        )  # of several plans, the plan first
        return element("section", heading, *children, aria_labelledby=labels, class_=name)


def paragraph(*children: Content, class_: str | None = None) -> Element:
    """Return a paragraph."""
    return element("p", *children, class_=class_)


def items(children: Iterable[Content], class_: str | None = None) -> Element:
    """Return a list without order, each child in an item of its own."""
    return element("ul", *(element("li", child) for child in children), class_=class_)


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Content]],
    numbers: int = 0,
    *,
    is_quiet: bool = False,
    below: Sequence[Content] = (),
) -> Element:
    """Return a table whose first column names each row.

    Args:
        caption: Its caption.
        heads: The heads of the columns.
        rows: The cells of each row.
        numbers: How many of the last columns have numbers.
        is_quiet: Whether the caption is only for screen readers, because a heading says the same.
        below: Content below each row, over all columns.
    """
    text = len(heads) - numbers
    top = (element("th", head, scope="col", class_=_kind(place, text)) for place, head in enumerate(heads))
    body = element("tbody")
    for number, (first, *rest) in enumerate(rows):
        row = element("tr", element("th", first, scope="row"))
        for place, cell in enumerate(rest, start=1):
            append(row, element("td", cell, class_=_kind(place, text)))
        append(body, row)
        if below:
            append(body, element("tr", element("td", below[number], colspan=len(heads)), class_="below"))
    told = element("caption", caption, class_="quiet" if is_quiet else None)
    return element("table", told, element("thead", element("tr", *top)), body)


def _kind(place: int, text: int) -> str | None:
    return None if place < text else "number"


def pairs(rows: Iterable[tuple[str, Content]], class_: str = "facts") -> Element:
    """Return names, each with its value."""
    list_ = element("dl", class_=class_)
    for name, value in rows:
        append(list_, element("div", element("dt", name), element("dd", value)))
    return list_


def folded(summary: Content, *children: Content, number: Element | None = None) -> Element:
    """Return content that a reader opens; printed, it is open."""
    return element(
        "details", element("summary", summary, " " if number is not None else None, number), *children
    )


def joined(elements: Iterable[Element], separator: str = ", ") -> Element:
    """Return elements in a row."""
    row = element("span")
    for place, one in enumerate(elements):
        append(row, separator if place else None)
        append(row, one)
    return row
