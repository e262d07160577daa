"""The page about cells is true in a kernel of Jupyter and in marimo: each result is shown as HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from marimo._output.formatting import get_formatter
from nbclient import NotebookClient

import accountmerge as am
from read_cells import ReadCell

ROOT = Path(__file__).resolve().parents[2]
new_code_cell: Any = nbformat.v4.new_code_cell
new_notebook: Any = nbformat.v4.new_notebook
PAGE = ROOT / "docs/reading-a-plan.md"


@pytest.mark.unmeasured
def test_the_snippets_of_the_page_show_html_in_a_notebook() -> None:
    snippets = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    cells = [new_code_cell(text) for text in snippets]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [
        output.data["text/html"] for cell in notebook.cells for output in cell.outputs if "data" in output
    ]
    names = [ReadCell(html).root.find(".//strong").text for html in shown]
    assert names == ["Snapshot", "MergePlan", "Step", "Finding", "Explanation", "DoubleBooking", "Step"]
    assert "Times are in the zone Australia/Sydney." in shown[1]
    assert "America/Toronto" in shown[-1]


def test_marimo_shows_the_html_of_a_value_with_a_cell_and_the_repr_of_another(practice: am.Snapshot) -> None:
    """It shows an empty cell for a value whose HTML is None, so every value has HTML."""
    acceptance = am.Acceptance(finding="f", by="Ann Example", why="w")
    for value in (practice, practice.profiles, acceptance):
        formatter = get_formatter(value, include_opinionated=False)
        assert formatter is not None
        assert formatter(value) == ("text/html", value._repr_html_())
    assert (
        "Acceptance(&#x27;f&#x27;)" in acceptance._repr_html_()
        or "Acceptance('f')" in acceptance._repr_html_()
    )
