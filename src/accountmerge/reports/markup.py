"""HTML and SVG as elements, in which every text that a person wrote stays text.

Cells of notebooks and reports are made of these elements; nothing else writes a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

Element = ET.Element
Child = Element | str | None

LONGEST_TEXT = 200
"""The longest text of a person that is shown whole, in characters."""

_UNSHOWN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""Characters that no HTML document may have: controls, half pairs, and code points that Unicode never assigns."""


def element(tag: str, *children: Child, **attributes: str | int | None) -> Element:
    """Return an element of HTML or SVG.

    Args:
        tag: The name of the element.
        children: Elements, texts (which are escaped when they are written), and None, which is left out.
        attributes: By name; an underscore at the end is dropped (`class_`), others are hyphens, and None is left out.
    """
    given = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    made = Element(tag, {name: _clean(str(value)) for name, value in given.items() if value is not None})
    for child in children:
        append(made, child)
    return made


def append(parent: Element, child: Child) -> None:
    """Add an element or a text at the end of an element. None adds nothing."""
    if child is None:
        return
    if not isinstance(child, str):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + _clean(child)
    else:
        parent.text = (parent.text or "") + _clean(child)


def written(text: str, longest: int = LONGEST_TEXT) -> Element:
    """Return a text that people or programs wrote, cut if it is long.

    Its direction does not change that of its neighbours.
    """
    if len(text) <= longest:
        return element("bdi", text)
    return element("bdi", f"{text[:longest]}…", title=f"{len(text)}")


def table(caption: Child, heads: Sequence[Child], rows: Iterable[Sequence[Child]]) -> Element:
    """Return a table with a caption and headings. The first value of each row is its heading."""
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *map(_row, rows)),
    )


def _row(values: Sequence[Child]) -> Element:
    first, *others = values
    return element("tr", element("th", first, scope="row"), *(element("td", value) for value in others))


def named_values(pairs: Iterable[tuple[Child, Child]]) -> Element:
    """Return names with their values, as a list of descriptions."""
    items = [item for name, value in pairs for item in (element("dt", name), element("dd", value))]
    return element("dl", *items)


def html(root: Element) -> str:
    """Return an element as HTML."""
    return ET.tostring(root, encoding="unicode", method="html")


def _clean(text: str) -> str:
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text)
