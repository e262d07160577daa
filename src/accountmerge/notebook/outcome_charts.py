"""The picture of the rows of merged customers, and of where they end."""

from __future__ import annotations

from collections import Counter

import altair as alt

from accountmerge.errors import InvalidValueError
from accountmerge.merges.batches import MergeBatch
from accountmerge.merges.planner import MergePlan
from accountmerge.notebook.chart_texts import Row, label, labels, words
from accountmerge.notebook.merge_outcomes import (
    ENDS,
    OUTCOME_KINDS,
    End,
    OutcomeKind,
    Outcomes,
    customer_images,
    outcomes_of,
)
from accountmerge.notebook.palette import BLACK, GREEN, GREY, MOST_CUSTOMERS, SKY, VERMILION
from accountmerge.notebook.titles import Picture, note, rows, titled
from accountmerge.notebook.unready_plans import state_of

_LOOKS: dict[End, tuple[str, str, int]] = {
    "stays": (GREY, "=", 0),
    "moves": (SKY, "→", 0),
    "joins": (GREEN, "+", 1),
    "ends": (VERMILION, "\N{MULTIPLICATION SIGN}", 2),
}
"""The colour of each end, the sign before its number, and its place in the row of a customer."""
_PANEL = 92
_ROW = 54
_ROOM_FOR_NUMBER = 1.6
"""How much longer than the longest bar the axis is, so that a number fits beside it."""


def merge_outcome(work: MergePlan | MergeBatch, *, language: str = "en", values: bool = False) -> Picture:
    """Return a chart of where the data of merged customers end.

    For each customer and each kind of data, the bars count the rows that stay with the survivor, that move to it, that
    are one with equal data there, and that are not kept. For a batch, the plans that are ready are counted together.
    More than 12 customers are cut: the last row counts all other ones. A blocked plan, or one without steps, gives a
    chart with the reason.

    Args:
        work: The plan of a merge, or the batch of `am.merges.plan_merges`.
        language: One of `accountmerge.messages.LANGUAGES`.
        values: Whether the names of the customers are shown too. They are personal.

    Raises:
        InvalidValueError: `work` is neither a plan nor a batch.
    """
    if isinstance(work, MergeBatch):
        return _batch_chart(work, language)
    if not isinstance(work, MergePlan):
        raise InvalidValueError("wrong_type", field="work", wanted="merge_plan_or_batch")
    title = words("merge_title", language, survivor_id=label(work.request.survivor))
    reason = state_of(work, language)
    if reason is not None:
        return note(title, [], reason)
    names = customer_words(work, language, values=values)
    counts = outcomes_of(work)
    return titled(_bars(outcome_rows(counts, names, language), language), title, [_sums(counts, language)])


def _sums(counts: Outcomes, language: str) -> str:
    """Return the sentence with the number of rows of each end."""
    sums: Counter[End] = Counter()
    for (_, _, end), count in counts.items():
        sums[end] += count
    return words("merge_sums", language, **{end: sums[end] for end in ENDS})


def _batch_chart(batch: MergeBatch, language: str) -> Picture:
    ready = [plan for plan in batch.plans if plan.is_ready]
    requests = sum(len(group.requests) for group in batch.groups)
    title = words("merges_title", language, count=requests)
    states = words("merges_states", language, ready=len(ready), blocked=len(batch.plans) - len(ready))
    subtitle = [states]
    if requests > len(batch.plans):
        subtitle.append(words("merges_without_plan", language, count=requests - len(batch.plans)))
    counts: Outcomes = Counter()
    absorbed: set[str] = set()
    for plan in ready:
        absorbed.update(plan.request.absorbed)
        for (customer, kind, end), count in outcomes_of(plan).items():
            counts["survivor" if customer == plan.request.survivor else "absorbed", kind, end] += count
    if not counts:
        return note(title, subtitle, words("nothing_left", language))
    names = {
        "survivor": words("merged_survivor", language, count=len({plan.request.survivor for plan in ready})),
        "absorbed": words("merged_absorbed", language, count=len(absorbed)),
    }
    subtitle.append(_sums(counts, language))
    return titled(_bars(outcome_rows(counts, names, language), language), title, subtitle)


def customer_words(plan: MergePlan, language: str, *, values: bool) -> dict[str, str]:
    """Return the words for each customer, the survivor first."""
    ids = labels((plan.request.survivor, *plan.request.absorbed))
    first, _ = customer_images(plan)
    names: dict[str, str] = {}
    for id, shown in ids.items():
        key = "merged_survivor_one" if id == plan.request.survivor else "merged_absorbed_one"
        names[id] = words(key, language, id=shown)
        if values and id in first:
            name = " ".join(part for part in (first[id].given_name, first[id].family_name) if part)
            names[id] += f", {label(name)}" if name else ""
    return names


def outcome_rows(counts: Outcomes, names: dict[str, str], language: str) -> list[Row]:
    """Return a row for each number, with the words for its customer.

    If the customers are many, the last ones are counted together.
    """
    if len(names) > MOST_CUSTOMERS:
        kept = list(names)[: MOST_CUSTOMERS - 1]
        other = words("other_absorbed", language, count=len(names) - len(kept))
        names = {id: names[id] if id in kept else other for id in names}
    merged: Counter[tuple[str, OutcomeKind, End]] = Counter()
    for (customer, kind, end), count in counts.items():
        merged[names[customer], kind, end] += count
    order = list(dict.fromkeys(names.values()))
    return [
        {
            "customer": customer,
            "kind": words(f"kind_{kind}", language),
            "end": f"{_LOOKS[end][1]} {words(f'end_{end}', language)}",
            "place": _LOOKS[end][2],
            "count": merged[customer, kind, end],
            "text": f"{_LOOKS[end][1]} {merged[customer, kind, end]}",
        }
        for customer in order
        for kind in OUTCOME_KINDS
        for end in ENDS
        if merged[customer, kind, end]
    ]


def _bars(data: list[Row], language: str) -> Picture:
    """Return a panel for each kind of data, with a row for each customer."""
    ends = {f"{_LOOKS[end][1]} {words(f'end_{end}', language)}": _LOOKS[end][0] for end in ENDS}
    used = {end: colour for end, colour in ends.items() if any(row["end"] == end for row in data)}
    customers = list(dict.fromkeys(row["customer"] for row in data))
    kinds = [words(f"kind_{kind}", language) for kind in OUTCOME_KINDS]
    tallest = max((row["count"] for row in data), default=1)
    y = alt.Y(
        "customer",
        type="nominal",
        sort=customers,
        title=None,
        axis=alt.Axis(labelLimit=500, ticks=False),
    )
    lane = alt.YOffset("place", type="ordinal", sort="ascending", scale=alt.Scale(domain=[0, 1, 2]))
    x = alt.X(
        "count",
        type="quantitative",
        scale=alt.Scale(domain=[0, tallest * _ROOM_FOR_NUMBER], nice=False),
        axis=alt.Axis(title=words("count", language), format="d", tickCount=2, tickMinStep=1, grid=False),
    )
    legend = alt.Legend(
        title=words("end_of_data", language),
        orient="bottom",
        columns=2,
        symbolStrokeColor=BLACK,
        symbolType="square",
    )
    colour = alt.Color(
        "end",
        type="nominal",
        sort=None,
        scale=alt.Scale(domain=list(used), range=list(used.values())),
        legend=legend,
    )
    tips = [
        alt.Tooltip("customer:N", title=words("customer", language)),
        alt.Tooltip("kind:N", title=words("data", language)),
        alt.Tooltip("end:N", title=words("end_of_data", language)),
        alt.Tooltip("count:Q", title=words("count", language), format="d"),
    ]
    bar = (
        alt.Chart()
        .mark_bar(stroke=BLACK, strokeWidth=0.6)
        .encode(x=x, y=y, yOffset=lane, color=colour, tooltip=tips)
    )
    number = (
        alt.Chart()
        .mark_text(align="left", dx=4, fontSize=11, color=BLACK)
        .encode(x=x, y=y, yOffset=lane, text="text:N")
    )
    layers = alt.layer(bar, number).properties(width=_PANEL, height=_ROW * len(customers))
    return layers.facet(
        data=rows(data),
        column=alt.Column(
            "kind", type="nominal", sort=kinds, title=None, header=alt.Header(labelLimit=_PANEL + 20)
        ),
        spacing=10,
    )
