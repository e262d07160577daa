"""The looks at a page find what is wrong with one, so that a page without findings is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from browser_pages import Chromium

pytestmark = pytest.mark.unmeasured

_GOOD = "<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1><p>A page</p></main>"
_BAD = """<!doctype html><html><title>Bad</title><h1>Bad</h1>
<p style="width: 3000px">Wide</p>
<p style="width: 20px; overflow: hidden; white-space: nowrap">A text that is cut</p>
<p style="position: absolute; top: 200px">Over</p><p style="position: absolute; top: 205px">Under</p>
<p style="color: #ccc; background: #fff">Pale</p>
<img src="http://example.org/picture.png"><script>alert("dialog")</script>"""


def test_a_good_page_has_no_faults(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "good.html"
    path.write_text(_GOOD, encoding="utf-8")
    with chromium.page(path) as shown:
        assert [*shown.faults(), *shown.axe_violations()] == []


def test_each_fault_of_a_bad_page_is_found(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(_BAD, encoding="utf-8")
    with chromium.page(path) as shown:
        faults = "\n".join([*shown.faults(), *shown.axe_violations()])
    for fault in (
        "asks for http://example.org/picture.png",
        "shows the dialog dialog",
        "the page is 3",
        'cut: "A text that is cut"',
        'overlap: "Over" and "Under"',
        "color-contrast",
        "html-has-lang",
        "image-alt",
    ):
        assert fault in faults
