"""Law 1 across zone data: equal results of the zone rules give equal plans, and a difference is explained.

Sixteen zones in two releases of the zone data; the offsets of six differ in the years of the plans.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from zone_data import (
    CHANGED,
    RELEASES,
    SAME,
    ZONE_DATA,
    child,
    clock,
    differing,
    moments,
    moved_promises,
    zone_of,
)
from zoned_plans import TIMES, WINTER, YEARS

OLD, NEW = RELEASES


@cache
def answers() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a process with each release writes; the second was given the plans of the first."""
    old = child(OLD, "zoned_plans.py")
    return old, child(NEW, "zoned_plans.py", list(old["plans"].values()))


def pairs() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return each plan by both releases, with its name."""
    old, new = answers()
    assert old["plans"].keys() == new["plans"].keys()
    return [(name, json.loads(text), json.loads(new["plans"][name])) for name, text in old["plans"].items()]


def without_rules(plan: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plan.items() if key != "zone_rules"}


def test_the_offsets_of_six_zones_differ_between_the_releases_and_those_of_ten_do_not() -> None:
    assert differing(2026) == set(CHANGED)
    assert differing(2018) == frozenset()
    assert (len(CHANGED), len(SAME)) == (6, 10)
    other_bytes = {
        name for name in SAME if len({(ZONE_DATA / each / name).read_bytes() for each in RELEASES}) > 1
    }
    assert other_bytes == {"America/Sao_Paulo", "America/Tijuana", "Europe/Dublin"}


@pytest.mark.unmeasured
def test_each_process_sees_the_zone_data_of_its_release() -> None:
    for release, answer in zip(RELEASES, answers(), strict=True):
        shown = {
            name: WINTER.astimezone(zone_of(release, name)).utcoffset() // timedelta(microseconds=1)  # type: ignore[operator]
            for name in CHANGED + SAME
        }
        assert answer["winter"] == shown, release


def test_a_digest_differs_where_the_offsets_of_its_years_differ_and_nowhere_else() -> None:
    old, new = (answer["digests"] for answer in answers())
    for place, year in enumerate(YEARS):
        found = {name for name in CHANGED + SAME if old[name][place] != new[name][place]}
        if 2000 < year < 3000:
            assert found == differing(year), year
        of_a_year = {digests[place] for digests in old.values()}
        assert len(of_a_year) > 8, "zones with other clocks have other digests"


def test_two_releases_give_equal_plans_or_plans_that_name_other_rules() -> None:
    for name, old, new in pairs():
        if old.get("zone_rules") == new.get("zone_rules"):
            assert old == new, name


def test_a_plan_names_other_rules_where_its_zone_changed_and_nowhere_else() -> None:
    for name, old, new in pairs():
        zone, what = name.split(" ", 1)
        if what == "edit":
            assert "zone_rules" not in old.keys() | new.keys(), name
        else:
            assert list(old["zone_rules"]) == list(new["zone_rules"]) == [zone], name
            assert (old["zone_rules"] != new["zone_rules"]) == (zone in CHANGED), name
        if zone in SAME:
            assert old == new, name


def test_rules_that_differ_where_it_does_not_matter_leave_the_plan_id_and_others_change_it() -> None:
    changed = [(old, new) for name, old, new in pairs() if name.split()[0] in CHANGED]
    ids = [(old["change_set"]["plan_id"], new["change_set"]["plan_id"]) for old, new in changed]
    differences = [old != new for old, new in ids]
    assert differences.count(True) >= 2
    assert differences.count(False) >= 20
    agreed = [without_rules(old) == without_rules(new) for old, new in changed]
    assert agreed.count(True) >= 20, "only the digests differ"
    facts = [
        old["findings"] != new["findings"] for (old, new), (a, b) in zip(changed, ids, strict=True) if a == b
    ]
    assert facts.count(True) >= 6, "a local time in a finding differs"


def test_a_plan_from_elsewhere_tells_which_zones_have_other_rules_here() -> None:
    old, new = answers()
    for text, changed, told in zip(old["plans"].values(), new["changed"], new["told"], strict=True):
        named = json.loads(text).get("zone_rules", {})
        assert changed == [zone for zone in named if zone in CHANGED]
        assert [zone for zone in CHANGED if f"made with: {zone}." in told] == changed
    assert sum(map(bool, new["changed"])) >= 30


def test_promised_times_have_moved_where_the_offsets_of_the_releases_differ_and_nowhere_else() -> None:
    old, new = (answer["promises"] for answer in answers())
    for zone in CHANGED + SAME:
        times = moved_promises(zone, TIMES)
        expected = sorted(f"P1-{number}" for number, at in enumerate(TIMES) if at in times)
        assert new[zone] == [expected, expected], zone
        assert bool(expected) == (zone in CHANGED), zone
        assert old[zone] == [[], []], zone


def test_promises_moved_in_the_six_zones_and_in_no_other() -> None:
    autumn = [at for at in moments(2026, 2026) if at.month >= 9]
    assert {name for name in CHANGED + SAME if moved_promises(name, autumn)} == set(CHANGED)
    for name in CHANGED:
        moved = set(moved_promises(name, TIMES))
        assert moved == {at for at in TIMES if clock(OLD, name, at) != clock(NEW, name, at)}
        assert 0 < len(moved) < len(TIMES), name
