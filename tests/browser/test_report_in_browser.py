"""Reports as they are seen: nothing is cut or overlaps, contrast and structure hold, and nothing leaves the file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from accountmerge.reports import report_weeks
from browser_pages import WIDTHS
from hostile_practice import hostile_plan

if TYPE_CHECKING:
    from browser_pages import Chromium, Media, Rendered, Scheme

pytestmark = pytest.mark.unmeasured

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 1, 22, tzinfo=UTC)
LOOKS: tuple[tuple[int, Scheme, Media], ...] = (
    *((width, scheme, "screen") for width in WIDTHS for scheme in ("light", "dark")),
    (718, "dark", "print"),  # A4 at 96 pixels an inch, without its margins
    (740, "light", "print"),  # Letter
)
"""The ways to look at a report: width, colours and medium."""


@pytest.fixture(scope="module")
def practice() -> am.Snapshot:
    snapshot = am.loads((ROOT / "docs/examples/practice.json").read_text(encoding="utf-8"))
    assert isinstance(snapshot, am.Snapshot)
    return snapshot


def plans(practice: am.Snapshot) -> tuple[am.MigrationPlan, am.MergePlan, am.MigrationPlan]:
    """Return a move, a merge, and a move that is blocked."""
    request = am.MigrationRequest(
        profile_id="profile-2",
        new_email=am.model.EmailAddress("nadia.haddad@example.org"),
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Nadia Haddad", at=AT, version="3"),
    )
    merging = am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1")
    refused = attrs.evolve(request, agreement=None)
    move, blocked = (am.plan_migration(practice, asked, at=AT) for asked in (request, refused))
    return move, am.plan_merge(practice, merging, at=AT), blocked


def written(folder: Path, subject: Any, **options: Any) -> Path:
    path = folder / "report.html"
    path.write_text(am.reports.html(subject, **options), encoding="utf-8")
    return path


def faults_of(shown: Rendered, look: object, *, has_new_colours: bool = False) -> list[str]:
    """Return what is wrong with a page as it is, and with everything unfolded."""
    faults = [*shown.faults(), *(shown.axe_violations() if has_new_colours else ())]
    shown.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    return [f"{look}: {fault}" for fault in (*faults, *shown.layout_faults())]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]}-{look[2]}")
def test_a_report_of_several_plans_is_right_in_every_look(
    look: tuple[int, Scheme, Media], chromium: Chromium, practice: am.Snapshot, tmp_path: Path
) -> None:
    width, scheme, media = look
    language = "en" if scheme == "light" else "fr"
    path = written(tmp_path, plans(practice), language=language, values=media == "print")
    with chromium.page(path, width=width, scheme=scheme, media=media) as shown:
        has_new_colours = look in ((390, "light", "screen"), (820, "dark", "screen"), (718, "dark", "print"))
        assert faults_of(shown, look, has_new_colours=has_new_colours) == []


def test_a_report_of_one_plan_with_many_bookings_is_right(
    chromium: Chromium, practice: am.Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_weeks, "MOST_BLOCKS", 1)
    path = written(tmp_path, plans(practice)[0], language="fr")
    for width, scheme in ((390, "dark"), (1440, "light")):
        with chromium.page(path, width=width, scheme=scheme) as shown:  # type: ignore[arg-type]
            assert faults_of(shown, width, has_new_colours=scheme == "dark") == []


def test_a_printed_report_shows_what_is_folded(
    chromium: Chromium, practice: am.Snapshot, tmp_path: Path
) -> None:
    path = written(tmp_path, plans(practice)[0])
    is_seen = "document.querySelector('details li').checkVisibility()"
    with chromium.page(path) as shown:
        assert not shown.page.evaluate(is_seen)
    with chromium.page(path, media="print") as shown:
        assert shown.page.evaluate(is_seen)
        assert 3 < shown.page.pdf(format="A4").count(b"/Type /Page\n") < 15


def test_hostile_texts_open_nothing_and_ask_for_nothing(chromium: Chromium, tmp_path: Path) -> None:
    text = "'><script>alert(1)</script></title></style></svg><img src=//example.org/x onerror=alert(1)>"
    for values, width in ((False, 390), (True, 1440)):
        path = written(tmp_path, hostile_plan(text), values=values)
        with chromium.page(path, width=width) as shown:
            assert faults_of(shown, width) == []
            assert shown.page.locator("script, img").count() == 0


def test_the_keyboard_reaches_the_content_first(
    chromium: Chromium, practice: am.Snapshot, tmp_path: Path
) -> None:
    with chromium.page(written(tmp_path, plans(practice)[0])) as shown:
        shown.page.keyboard.press("Tab")
        assert shown.page.evaluate("document.activeElement.getAttribute('href')") == "#content"
        shown.page.keyboard.press("Tab")
        assert shown.page.evaluate("document.activeElement.closest('nav') !== null")
