"""Reading of charts: their rows, their texts, and the charts of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import vl_convert

import accountmerge as am
from accountmerge import notebook
from accountmerge.notebook.chart_texts import words

if TYPE_CHECKING:
    from accountmerge.notebook.titles import Picture


def rows_of(chart: Picture) -> list[dict[str, Any]]:
    """Return all rows in a chart, whose schema is verified."""
    return list(_rows(chart.to_dict()))


def _rows(spec: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of each data set once; Altair puts them all at the top."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name == "datasets":
                yield from (row for rows in value.values() for row in rows)
            elif name == "data" and "values" in value:
                yield from value["values"]
            else:
                yield from _rows(value)
    elif isinstance(spec, list):
        for part in spec:
            yield from _rows(part)


def texts_of(spec: Any) -> Iterator[str]:
    """Yield every text of a chart, keys too."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            yield name
            yield from texts_of(value)
    elif isinstance(spec, list):
        for part in spec:
            yield from texts_of(part)
    elif isinstance(spec, str):
        yield spec


def title_of(chart: Picture) -> str:
    """Return the title and the subtitle of a chart, and the lines of one without data."""
    spec = chart.to_dict()
    lines = [row["text"] for row in rows_of(chart) if row.keys() == {"line", "text"}]
    return " ".join([*spec["title"]["text"], *spec["title"]["subtitle"], *lines])


def svg(chart: Picture) -> str:
    """Return a chart as drawn."""
    return str(vl_convert.vegalite_to_svg(json.dumps(chart.to_dict())))


def charts_of(
    work: Any, snapshot: am.Snapshot | None = None, *, language: str = "en", values: bool = False
) -> list[Picture]:
    """Return every chart of a plan, a cohort or a batch."""
    if isinstance(work, am.MergePlan | am.merges.MergeBatch):
        return [notebook.merge_outcome(work, language=language, values=values)]
    if isinstance(work, am.migrations.MigrationCohort):
        return [notebook.timeline(work, language=language, values=values)]
    return [
        notebook.weeks(work, snapshot, language=language, values=values),
        notebook.weeks(work, language=language, values=values),
        notebook.timeline(work, language=language, values=values),
    ]


def english(key: str, **facts: Any) -> str:
    """Return a sentence of charts."""
    return words(key, "en", **facts)
