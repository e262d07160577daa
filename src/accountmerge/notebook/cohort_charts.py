"""The picture of the blackouts of many migrations."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import altair as alt

from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.model.time_slots import TimeSlot
from accountmerge.notebook.booked_weeks import zone_of
from accountmerge.notebook.chart_texts import (
    UTC_ZONE,
    Row,
    chart_time,
    label,
    labels,
    short_time,
    time_text,
    wall,
    words,
)
from accountmerge.notebook.palette import BLACK, MOST_MEMBERS, ORANGE, SKY
from accountmerge.notebook.time_axes import day_axis
from accountmerge.notebook.titles import Picture, note, rows, titled

_WIDTH = 400
_ROW = 24
_BAR_HEIGHT = 220
_TICKS = 5
_MOST_SPANS = 60
"""The most bars of blackouts that are counted by their day."""
_SPANS = (1, 7, 28, 91, 364)
"""The days that a bar may count, each several times the one before."""


def zone_of_cohort(cohort: MigrationCohort) -> str:
    """Return the zone of the first ready plan, else UTC."""
    return next((zone_of(plan) for plan in cohort.plans), UTC_ZONE)


def cohort_chart(cohort: MigrationCohort, language: str, zone: str, *, values: bool) -> Picture:
    """Return a chart of the blackouts of a cohort, in a zone."""
    title = words("cohort_title", language, count=len(cohort.members))
    ready = len(cohort.members) - len(cohort.blocked)
    subtitle = [
        words("cohort_states", language, ready=ready, blocked=len(cohort.blocked)),
        words("zone", language, zone=zone),
    ]
    if not cohort.members:
        return note(title, subtitle, words("cohort_empty", language))
    if len(cohort.members) <= MOST_MEMBERS:
        return titled(_member_chart(cohort, language, zone, values=values), title, subtitle)
    slots = [member.blackout for member in cohort.members if member.is_ready]
    starts = [wall(slot.start_us, zone).date() for slot in slots if slot is not None]
    if not starts:
        return note(title, subtitle, words("no_blackout", language))
    days = _days_each(starts)
    subtitle.append(words("cohort_grouped", language, most=MOST_MEMBERS, days=days))
    return titled(_counted_chart(starts, days, language), title, subtitle)


def _member_chart(cohort: MigrationCohort, language: str, zone: str, *, values: bool) -> Picture:
    """Return a chart with a row for each member, the earliest blackout first."""
    data = member_rows(cohort, language, zone, values=values)
    y = alt.Y(
        "row",
        type="nominal",
        sort=[row["row"] for row in data],
        title=words("member", language),
        axis=alt.Axis(labelLimit=700, domain=False, ticks=False, grid=True),
    )
    told = {"member": "member", "starts_at": "starts_at", "ends_at": "ends_at"}
    tips = [alt.Tooltip(f"{name}:N", title=words(key, language)) for name, key in told.items()]
    tips.append(alt.Tooltip("steps:Q", title=words("steps", language), format="d"))
    base = alt.Chart(rows(data), width=_WIDTH, height=_ROW * len(data))
    if not any("start" in row for row in data):
        bare: Picture = base.mark_text(text="").encode(y=y)
        return bare
    x = day_axis("start", data, ("start", "end"), words("date", language))
    timed = base.transform_filter("isValid(datum.start)")
    empty = base.mark_text(text="").encode(y=y)  # so that a member without a blackout keeps its row
    bar = timed.mark_bar(color=ORANGE, height=12, stroke=BLACK, strokeWidth=1)
    return alt.layer(empty, bar.encode(x=x, x2="end", y=y, tooltip=tips))


def member_rows(cohort: MigrationCohort, language: str, zone: str, *, values: bool) -> list[Row]:
    """Return a row for each member, with its blackout or the reason why there is none."""
    order = sorted(cohort.members, key=lambda one: (_start(one) is None, _start(one) or 0, one.number))
    names = labels(f"{one.request.profile_id}" for one in order)
    seen: Counter[str] = Counter()
    found: list[Row] = []
    for one in order:
        name = names[one.request.profile_id]
        if values:
            name = f"{name}, {label(one.request.new_email.text)}"
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        slot = one.blackout if one.is_ready else None
        row: Row = {
            "member": unique,
            "row": words("pair", language, first=unique, second=_when(one, slot, language, zone)),
        }
        if slot is not None and one.plan is not None:
            row |= {"start": chart_time(slot.start_us, zone), "end": chart_time(slot.end_us, zone)}
            row |= {
                "starts_at": time_text(slot.start_us, zone, language),
                "ends_at": time_text(slot.end_us, zone, language),
            }
            row |= {"steps": len(one.plan.change_set.steps)}
        found.append(row)
    return found


def _start(member: CohortMember) -> int | None:
    slot = member.blackout if member.is_ready else None
    return None if slot is None else slot.start_us


def _when(member: CohortMember, slot: TimeSlot | None, language: str, zone: str) -> str:
    """Return the time of a blackout, or the reason why there is none."""
    if slot is not None:
        start, end = short_time(slot.start_us, zone), short_time(slot.end_us, zone)
        return f"{start} \N{EN DASH} {end.removeprefix(start[:11])}"
    if member.is_ready:
        return words("no_blackout", language)
    blockers = member.findings if member.plan is None else member.plan.blockers
    return words("blocked_member", language, codes=tuple(dict.fromkeys(finding.code for finding in blockers)))


def _days_each(starts: list[date]) -> int:
    """Return the shortest span of days for which the bars are not too many."""
    span = (max(starts) - min(starts)).days + 1
    return next((days for days in _SPANS if span <= days * _MOST_SPANS), -(-span // _MOST_SPANS))


def _counted_chart(starts: list[date], days: int, language: str) -> Picture:
    """Return a chart of how many blackouts begin in each span of days."""
    first = min(starts)
    counts = Counter((start - first).days // days for start in starts)
    data = [
        {"day": (first + timedelta(days=place * days)).isoformat(), "count": count}
        for place, count in sorted(counts.items())
    ]
    base = alt.Chart(rows(data), width=max(_WIDTH, 13 * len(data)), height=_BAR_HEIGHT)
    x = alt.X("day", type="ordinal", axis=alt.Axis(title=words("date", language), labelAngle=-90))
    y = alt.Y(
        "count",
        type="quantitative",
        axis=alt.Axis(title=words("blackouts", language), format="d", tickMinStep=1, tickCount=_TICKS),
    )
    tips = [
        alt.Tooltip("day:N", title=words("date", language)),
        alt.Tooltip("count:Q", title=words("blackouts", language), format="d"),
    ]
    bar = base.mark_bar(color=SKY, stroke=BLACK, strokeWidth=0.5).encode(x=x, y=y, tooltip=tips)
    number = base.mark_text(dy=-7, fontSize=11, color=BLACK).encode(
        x=x, y=y, text=alt.Text("count:Q", format="d")
    )
    return alt.layer(bar, number)
