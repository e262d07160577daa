"""Pages in a headless Chromium, looked at by script: layout, contrast, accessibility, requests and dialogs.

Fixture: `chromium`. A machine without Chromium skips the tests that need it, and the summary says so. axe-core comes
with the package `axe-playwright-python`, so no test fetches anything. Mark such tests `unmeasured`: Playwright switches
between greenlets, which coverage does not follow.
"""

from __future__ import annotations

import mimetypes
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NO_BROWSER = "Browser tests did not run"
"""The first words of the reason of every skipped test that needs a browser."""
WIDTHS = (390, 820, 1440)
"""A telephone, a tablet and a wide screen, in CSS pixels."""
_AXE = "axe_playwright_python"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Scheme = Literal["light", "dark"]
Media = Literal["screen", "print"]


class Rendered:
    """A page in the browser.

    Attributes:
        page: The page, for Playwright.
        requests: The addresses that the page asked for, other than its own file, also if they were refused.
        dialogs: The texts of the dialogs that it showed.
        errors: What it wrote to the console as an error.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._ask(request.url, address))
        page.on("dialog", self._answer)
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _ask(self, asked: str, address: str) -> None:
        if asked.partition("#")[0] != address and not asked.startswith(("data:", "blob:")):
            self.requests.append(asked)

    def _answer(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def layout_faults(self) -> list[str]:
        """Return texts that are cut, overlap another text or stick out of the page, each with its reason."""
        faults: list[str] = self.page.evaluate(_LAYOUT)
        return faults

    def axe_violations(self) -> list[str]:
        """Return the violations that axe-core finds, contrast included.

        It takes seconds for a long page, so ask it once for each choice of colours.
        """
        self.page.evaluate(_axe())
        found: list[str] = self.page.evaluate(_RUN_AXE)
        return found

    def faults(self) -> list[str]:
        """Return everything that is wrong with the page, but for what axe-core finds."""
        return [
            *(f"asks for {asked}" for asked in self.requests),
            *(f"shows the dialog {text}" for text in self.dialogs),
            *(f"error: {text}" for text in self.errors),
            *self.layout_faults(),
        ]


class Chromium:
    """A browser that starts when its first page is shown."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._driver: Any = None
        self._browser: Browser | None = None

    @contextmanager
    def page(
        self,
        path: Path,
        *,
        width: int = 1440,
        scheme: Scheme = "light",
        media: Media = "screen",
        kept: Callable[[str], Path | None] | None = None,
    ) -> Iterator[Rendered]:
        """Show a file, and close it afterwards.

        Args:
            path: The file.
            width: The width of the window, in CSS pixels.
            scheme: The colours that the reader wants.
            media: The medium.
            kept: A function from an address to the file that is given for it; None if there is none.
        """
        context = self._started().new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        try:
            context.set_offline(True)  # of a wrong page, too, nothing leaves the machine
            page = context.new_page()
            page.emulate_media(media=media)
            address = path.absolute().as_uri()
            rendered = Rendered(page, address)
            if kept is not None:
                page.route(re.compile("^https?:"), lambda route: _answer_from(kept, route))
            page.goto(address)
            yield rendered
        finally:
            context.close()

    def stop(self) -> None:
        """End the browser, if it was started."""
        if self._browser is not None:
            self._browser.close()
            self._driver.stop()
            self._browser = None

    def _started(self) -> Browser:
        if self._browser is None:
            from playwright.sync_api import sync_playwright

            self._driver = sync_playwright().start()
            is_root = hasattr(os, "geteuid") and os.geteuid() == 0
            arguments = [*_ARGUMENTS, *(["--no-sandbox"] if is_root else [])]
            self._browser = self._driver.chromium.launch(executable_path=self._program, args=arguments)
        return self._browser


def _answer_from(kept: Callable[[str], Path | None], route: Route) -> None:
    """Answer a request with a file of this machine, or refuse it."""
    file = kept(route.request.url)
    if file is None:
        route.abort()
        return
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"access-control-allow-origin": "*"}  # the page is a file, and its modules come from elsewhere
    route.fulfill(body=file.read_bytes(), content_type=kind, headers=headers)


@pytest.fixture(scope="module")  # while it runs, no other test can use asyncio
def chromium() -> Iterator[Chromium]:
    """A headless Chromium."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"{NO_BROWSER}: there is no Chromium here")
    missing = [name for name in ("playwright", _AXE) if find_spec(name) is None]
    if missing:
        pytest.skip(f"{NO_BROWSER}: there is no package {missing[0]} here")
    browser = Chromium(program)
    yield browser
    browser.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which tests did not run."""
    reasons = [
        str(report.longrepr[2]) for report in terminalreporter.getreports("skipped") if report.longrepr
    ]
    missed = [reason for reason in reasons if NO_BROWSER in reason]
    if missed:
        terminalreporter.write_line(
            f"{missed[0].removeprefix('Skipped: ')} ({len(missed)} tests)", yellow=True
        )


def _axe() -> str:
    found = find_spec(_AXE)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


_RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.flatMap(rule => rule.nodes.slice(0, 5).map(
    node => `${rule.id}: ${node.failureSummary} ${node.html}`.slice(0, 400)));
}"""

_LAYOUT = """() => {
  const faults = [], boxes = [], slack = 1.5;
  const root = document.scrollingElement, wide = root.clientWidth;
  if (root.scrollWidth > wide) faults.push(`the page is ${root.scrollWidth} wide, not ${wide}`);
  const words = text => JSON.stringify(text.trim().slice(0, 40));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('script, style, title, desc, template')) continue;
    if (!parent.checkVisibility({visibilityProperty: true})) continue;  // also of what is folded
    const svg = parent.closest('svg'), range = document.createRange();
    range.selectNodeContents(node);
    let rects = svg ? [parent.getBoundingClientRect()] : [...range.getClientRects()];
    rects = rects.filter(rect => rect.width > 1 && rect.height > 1 && rect.right > 0 && rect.bottom > 0);
    let scrolls = false, hidden = false;
    for (let box = parent; box && box !== document.body; box = box.parentElement) {
      const own = getComputedStyle(box);
      if (own.clipPath !== 'none') { hidden = true; break; }  // only for screen readers
      if (['auto', 'scroll'].includes(own.overflowX)) { scrolls = true; break; }
      if (own.display === 'inline' || (box.namespaceURI.endsWith('svg') && box.tagName !== 'svg')) continue;
      if (['hidden', 'clip'].includes(own.overflowX) || box.tagName === 'svg') {
        const edge = box.getBoundingClientRect();
        for (const rect of rects)
          if (rect.right > edge.right + slack || rect.left < edge.left - slack
              || rect.bottom > edge.bottom + slack || rect.top < edge.top - slack)
            faults.push(`cut: ${words(node.data)}`);
      }
    }
    if (hidden) continue;
    for (const rect of rects) {
      if (!scrolls && (rect.right > wide + slack || rect.left < -slack)) faults.push(`sticks out: ${words(node.data)}`);
      const trim = rect.height * 0.2;
      boxes.push({left: rect.left + 1, right: rect.right - 1, top: rect.top + trim, bottom: rect.bottom - trim, node, scrolls});
    }
  }
  boxes.sort((one, other) => one.top - other.top);
  let open = [];
  for (const box of boxes) {
    open = open.filter(other => other.bottom > box.top);
    for (const other of open)
      if (other.node !== box.node && other.scrolls === box.scrolls && box.left < other.right && other.left < box.right)
        faults.push(`overlap: ${words(other.node.data)} and ${words(box.node.data)}`);
    open.push(box);
  }
  return [...new Set(faults)].slice(0, 30);
}"""
