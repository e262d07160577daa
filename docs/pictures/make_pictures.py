"""Make the pictures of README and of the pages, from the worked example.

    python docs/pictures/make_pictures.py [FOLDER]

Each picture is an SVG, and beside it the chart as JSON, which is the same to the byte in every run. `nox -s pictures`
runs this.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import vl_convert

import accountmerge as am
from accountmerge import notebook

HERE = Path(__file__).parent
AT = datetime.fromisoformat("2026-03-02T09:00:00+11:00")


def pictures() -> dict[str, notebook.Picture]:
    """Return the pictures by name."""
    snapshot = am.loads(HERE.parent / "examples/practice.json")
    request = am.MigrationRequest(
        profile_id="profile-2",
        new_email="nadia.haddad@example.org",
        reason="business_name_change",
        ticket="SUP-2087",
        agreement=am.Agreement(
            by="Nadia Haddad", at=datetime.fromisoformat("2026-02-20T11:15:00+11:00"), version="1"
        ),
        window=am.TimeSlot(
            datetime.fromisoformat("2026-03-04T10:00:00+11:00"),
            datetime.fromisoformat("2026-03-04T13:00:00+11:00"),
        ),
    )
    plan = am.plan_migration(snapshot, request, at=AT)
    merge = am.plan_merge(
        snapshot, am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1"), at=AT
    )
    return {
        "week": notebook.weeks(plan, snapshot),
        "timeline": notebook.timeline(plan),
        "merge": notebook.merge_outcome(merge),
    }


def chart_text(picture: notebook.Picture) -> str:
    """Return a chart as JSON, without the version of its schema, which differs between releases of Altair."""
    spec = picture.to_dict()
    del spec["$schema"]
    return json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write the pictures."""
    for name, picture in pictures().items():
        svg = vl_convert.vegalite_to_svg(picture.to_dict())
        (folder / f"{name}.svg").write_text(svg.rstrip() + "\n", encoding="utf-8")
        (folder / f"{name}.json").write_text(chart_text(picture), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
