"""What becomes of access and of the requests for it: nobody loses sight, nobody gains any."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.access import Access
    from oracles.conservation.outcomes import Loss, Outcome

LEVELS = ("viewing", "treating")


def access(outcome: Outcome) -> Iterator[Loss]:
    """Whoever saw one of them sees the survivor at least as well and as early; nobody else does."""
    merged = (outcome.survivor, *outcome.absorbed)
    held = [row for row in outcome.before.access if row.customer_id in merged]
    now = [row for row in outcome.after.access if row.customer_id in merged]
    others = {row for row in outcome.before.access if row.customer_id not in merged}
    if others != {row for row in outcome.after.access if row.customer_id not in merged}:
        yield ("of others",)
    for row in held:
        same = [other for other in now if other.profile_id == row.profile_id]
        if not any(LEVELS.index(other.level) >= LEVELS.index(row.level) for other in same):
            yield "level", row.id
        if row.since and not any(other.since and other.since <= row.since for other in same):
            yield "since", row.id
    for row in now:
        same = [other for other in held if other.profile_id == row.profile_id]
        if not any(LEVELS.index(other.level) >= LEVELS.index(row.level) for other in same):
            yield "gained", row.id
        if row.since and row.since not in [other.since for other in same]:
            yield "made up", row.id
        if (row.created_at, row.made_by) not in [(other.created_at, other.made_by) for other in same]:
            yield "made by somebody else", row.id
    had = Counter(row.profile_id for row in held if row.customer_id == outcome.survivor)
    has = Counter(row.profile_id for row in now)
    yield from (("doubled", profile) for profile, count in has.items() if count > max(1, had[profile]))
    yield from _unlisted_access(outcome, held, now)


def _unlisted_access(outcome: Outcome, held: list[Access], now: list[Access]) -> Iterator[Loss]:
    listed = {id for id, _, _ in outcome.entries("access", "access")}
    live = {(row.profile_id, row.level, row.since, row.created_at, row.made_by) for row in now}
    for row in held:
        is_gone = row.customer_id == outcome.survivor and row.id not in outcome.after.access
        content = (row.profile_id, row.level, row.since, row.created_at, row.made_by)
        if is_gone or (content not in live and row.id not in listed):
            yield "lost", row.id
        if row in outcome.after.access and row.id in listed:
            yield "doubled", row.id


def requests(outcome: Outcome) -> Iterator[Loss]:
    """What was decided stays; what waits for an absorbed customer's answer is withdrawn, nothing is asked anew."""
    wanted = {row.id: row for row in outcome.before.access_requests}
    found = {row.id: row for row in outcome.after.access_requests}
    for id in wanted.keys() | found.keys():
        row, now = wanted.get(id), found.get(id)
        if row is None or now is None:
            yield (id,)
        elif row.status == "pending" and row.customer_id in outcome.absorbed:
            decided: Any = {"reason": now.reason, "decided_by": now.decided_by, "decided_at": now.decided_at}
            if now != attrs.evolve(row, status="withdrawn", **decided) or not now.reason:
                yield (id,)
        elif now != row:
            yield (id,)
