"""Clusters of bookings, each of which is one finding where its pairs would be many."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Literal

import attrs

from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import Appointment
from accountmerge.model.json_text import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.findings.vocabulary import Severity
    from accountmerge.messages import Fact
    from accountmerge.model.rebookings import BookingRoots

MOST_PAIRS = 20
"""The pairs of connected bookings that are named one by one: about one screen."""
_DIGITS = 32  # hexadecimal digits, 128 bits, as in derived ids

ClusterKind = Literal["practitioner", "customer"]


@attrs.frozen
class BookingCluster:
    """Many bookings of one practitioner or person that are connected by overlap, or are one booking.

    Attributes:
        kind: Whose bookings they are.
        members: The bookings, in their defined order.
        digest: A digest of the ids of the first appointments of the members' chains. It stays the same while a plan
            rebooks them one by one.
    """

    kind: ClusterKind
    members: tuple[Appointment, ...]
    digest: str

    @classmethod
    def of(cls, kind: ClusterKind, bookings: Iterable[Appointment], roots: BookingRoots) -> BookingCluster:
        """Return the cluster of some bookings."""
        members = tuple(sorted(bookings, key=lambda row: row.order))
        ids = sorted({roots.of(row) for row in members})
        return cls(kind, members, hashlib.sha256(canonical(ids).encode()).hexdigest()[:_DIGITS])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the members, sorted."""
        return tuple(sorted(row.id for row in self.members))

    def as_finding(self, code: str | None = None, severity: Severity | None = None) -> Finding:
        """Return the one finding of the cluster, under the code of its kind or another code."""
        code = code or (
            "existing_double_booking" if self.kind == "practitioner" else "customer_double_booking"
        )
        first, last = self.members[0].id, self.members[-1].id
        facts: dict[str, Fact] = {"count": len(self.members), "first": first, "last": last}
        return Finding.of(code, (self.digest,), severity, **facts)


def few_pairs(
    pairs: Iterable[tuple[Appointment, Appointment]],
) -> list[tuple[Appointment, Appointment]] | None:
    """Return pairs of a run if they are few enough to be named; None if they are too many."""
    named = list(itertools.islice(pairs, MOST_PAIRS + 1))
    return named if len(named) <= MOST_PAIRS else None
