"""The pictures of the time of one migration, and of the blackouts of many."""

from __future__ import annotations

import altair as alt

from accountmerge.errors import InvalidValueError
from accountmerge.messages import sentence
from accountmerge.migrations.cohorts import MigrationCohort
from accountmerge.migrations.plan import MigrationPlan, planned_profile
from accountmerge.migrations.timeline import Phase, expected_instants
from accountmerge.model.instants import microseconds
from accountmerge.notebook.booked_weeks import zone_of
from accountmerge.notebook.chart_texts import (
    Row,
    as_text,
    chart_time,
    checked_zone,
    label,
    short_time,
    time_text,
    words,
)
from accountmerge.notebook.cohort_charts import cohort_chart, zone_of_cohort
from accountmerge.notebook.palette import BLACK, BLUE, MOST_POINTS, ORANGE, PALE, SKY
from accountmerge.notebook.time_axes import day_axis
from accountmerge.notebook.titles import Picture, note, rows, titled
from accountmerge.notebook.unready_plans import state_of

_WIDTH = 330
_ROW = 26
"""The height of a row in pixels."""
_LINE_HEIGHT = 150

_TICKS = 5


def timeline(
    work: MigrationPlan | MigrationCohort,
    *,
    language: str = "en",
    zone: str | None = None,
    values: bool = False,
) -> Picture:
    """Return a chart of the time of a migration, or of the blackouts of a cohort.

    For a plan: the eight phases with their instants or conditions, and below the steps that are due during the
    blackout. For a cohort: a row for each member with its blackout, those without one last. More than 40 members are
    counted by day or by longer spans, and the subtitle says so. A blocked plan, or one without steps, gives a chart
    with the reason.

    Args:
        work: The plan of a migration, or the cohort of `am.migrations.plan_migrations`.
        language: One of `accountmerge.messages.LANGUAGES`.
        zone: The IANA zone of the times. Default: the zone of the profile's hours; of a cohort, of its first plan.
        values: Whether the new addresses are shown too. They are personal.

    Raises:
        InvalidValueError: An argument has the wrong type, or the zone is unknown.
    """
    if isinstance(work, MigrationCohort):
        shown = zone_of_cohort(work) if zone is None else checked_zone(zone)
        return cohort_chart(work, language, shown, values=values)
    if not isinstance(work, MigrationPlan):
        raise InvalidValueError("wrong_type", field="work", wanted="migration_plan_or_cohort")
    return _plan_chart(work, language, zone_of(work) if zone is None else checked_zone(zone), values=values)


def _plan_chart(plan: MigrationPlan, language: str, zone: str, *, values: bool) -> Picture:
    title = words("timeline_title", language, profile_id=label(plan.request.profile_id))
    subtitle = [words("zone", language, zone=zone)]
    if values:
        new = planned_profile(plan)
        email = plan.request.new_email.text if new is None else new.email.text
        subtitle.insert(0, words("to_email", language, email=label(email)))
    reason = state_of(plan, language)
    if reason is not None:
        return note(title, subtitle, reason)
    phases = phase_rows(plan, language, zone)
    blackout = _blackout(plan, language, zone)
    subtitle += [row["text"] for row in blackout]
    due = due_steps(plan, language, zone)
    charts: list[Picture] = [_phase_chart(phases, blackout, language)]
    if len(due) > 1:
        count = len(plan.change_set.steps)
        if count > MOST_POINTS:
            subtitle.append(words("steps_grouped", language, most=MOST_POINTS, count=count))
        charts.append(_step_chart(due, language))
    return titled(alt.vconcat(*charts, spacing=28), title, subtitle)


def phase_rows(plan: MigrationPlan, language: str, zone: str) -> list[Row]:
    """Return a row for each phase, with its name, its beginning and the number of its steps."""
    phases = plan.timeline.phases
    found: list[Row] = []
    for place, phase in enumerate(phases):
        name = as_text(sentence(f"phase.{phase.kind}", {}, language))
        when = phase.describe(language) if phase.at is None else short_time(microseconds(phase.at), zone)
        row: Row = {
            "place": place,
            "phase": name,
            "kind": phase.kind,
            "when": as_text(when),
            "actor": as_text(sentence(f"role.{phase.actor}", {}, language)),
            "steps": len(phase.steps),
        }
        if phase.at is not None:
            at, until = microseconds(phase.at), _next(phases[place + 1 :])
            row |= {"at": chart_time(at, zone), "exact": time_text(at, zone, language)}
            row |= {} if until is None else {"until": chart_time(until, zone)}
        found.append(row)
    return found


def _next(phases: tuple[Phase, ...]) -> int | None:
    """Return the instant at which the next phase begins, or None if no later phase has an instant."""
    return next((microseconds(phase.at) for phase in phases if phase.at is not None), None)


def _phase_chart(phases: list[Row], blackout: list[Row], language: str) -> Picture:
    """Return a chart of phases, each with a mark at its beginning and a bar."""
    data = [{**row, "row": words("pair", language, first=row["phase"], second=row["when"])} for row in phases]
    y = alt.Y(
        "row",
        type="nominal",
        sort=[row["row"] for row in data],
        title=None,
        axis=alt.Axis(labelLimit=700, labelPadding=8, domain=False, ticks=False, grid=True),
    )
    x = day_axis("at", [*data, *blackout], ("at", "until"), words("date", language))
    tips = [
        alt.Tooltip("phase:N", title=words("phase", language)),
        alt.Tooltip("exact:N", title=words("starts_at", language)),
        alt.Tooltip("actor:N", title=words("actor", language)),
        alt.Tooltip("steps:Q", title=words("steps", language), format="d"),
    ]
    base = alt.Chart(rows(data), width=_WIDTH, height=_ROW * len(data))
    bar = (
        base.transform_filter("isValid(datum.until)")
        .mark_bar(color=SKY, height=8, stroke=BLACK, strokeWidth=0.5)
        .encode(x=x, x2="until", y=y, tooltip=tips)
    )
    point = (
        base.mark_point(
            filled=True, shape="diamond", size=110, color=BLUE, opacity=1, stroke=BLACK, strokeWidth=0.5
        )
        .encode(x=x, y=y, tooltip=tips)
        .transform_filter("isValid(datum.at)")
    )
    empty = base.mark_text(text="").encode(y=y)  # so that a phase with a condition keeps its row
    off = alt.Chart(rows(blackout)).mark_rect(color=ORANGE, opacity=0.5, stroke=ORANGE, strokeWidth=2)
    return alt.layer(empty, off.encode(x=x, x2="until", tooltip="text:N"), bar, point)


def _blackout(plan: MigrationPlan, language: str, zone: str) -> list[Row]:
    """Return one row for the blackout, or none."""
    if plan.blackout is None:
        return []
    start, end = plan.blackout.start_us, plan.blackout.end_us
    span = f"{time_text(start, zone, language)} \N{EN DASH} {time_text(end, zone, language)}"
    text = words("pair", language, first=words("blackout", language), second=span)
    return [{"at": chart_time(start, zone), "until": chart_time(end, zone), "text": text}]


def due_steps(plan: MigrationPlan, language: str, zone: str) -> list[Row]:
    """Return how many steps are due at some instants of the blackout, the last one included."""
    if plan.blackout is None:
        return []
    instants = expected_instants(plan.change_set, plan.blackout)
    done = {instant: count for count, instant in enumerate(instants, start=1)}
    since = max(plan.blackout.start_us, microseconds(plan.change_set.at))
    counts = [(since, 0), *((at, count) for at, count in sorted(done.items()) if at >= since)]
    if done.get(since):
        counts = counts[1:]
    every = -(-len(counts) // MOST_POINTS)
    kept = [*counts[:-1][::every], counts[-1]]
    return [
        {"at": chart_time(at, zone), "exact": time_text(at, zone, language), "steps": count}
        for at, count in kept
    ]


def _step_chart(due: list[Row], language: str) -> Picture:
    """Return the number of steps that are due, over the blackout."""
    x = alt.X(
        "at",
        type="temporal",
        scale=alt.Scale(type="utc", nice=False),
        axis=alt.Axis(
            title=words("blackout", language), format="%m-%d %H:%M", tickCount=_TICKS, labelFlush=True
        ),
    )
    y = alt.Y(
        "steps",
        type="quantitative",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(title=words("steps_due", language), format="d", tickMinStep=1, tickCount=_TICKS),
    )
    tips = [
        alt.Tooltip("exact:N", title=words("date", language)),
        alt.Tooltip("steps:Q", title=words("steps_due", language), format="d"),
    ]
    base = alt.Chart(rows(due), width=_WIDTH, height=_LINE_HEIGHT)
    area = base.mark_area(
        interpolate="step-after", color=PALE, line={"color": ORANGE, "strokeWidth": 2}
    ).encode(x=x, y=y)
    points = base.mark_point(filled=True, color=BLACK, size=22, opacity=1).encode(x=x, y=y, tooltip=tips)
    return alt.layer(area, points)
