"""Migration rules: what a practice decides about all its migrations."""

from __future__ import annotations

import attrs

from accountmerge.rules.checked import is_positive_integer

SHORTEST_BLACKOUT = 2 * 60
"""Minutes; the shortest time for which availability is off (design, section 3.1, rule 4)."""
LONGEST_BLACKOUT = 48 * 60
"""Minutes; the longest."""


@attrs.frozen(kw_only=True)
class MigrationRules:
    """What holds for every migration of a practice.

    Attributes:
        minutes_per_booking: How long the support team takes to rebook one appointment. With the default,
            36 future bookings take 3 hours; most migrations take less.
    """

    minutes_per_booking: int = attrs.field(default=5, validator=is_positive_integer)

    def blackout_minutes(self, bookings: int) -> int:
        """Return how many minutes availability is to be off, for so many future bookings."""
        return min(max(bookings * self.minutes_per_booking, SHORTEST_BLACKOUT), LONGEST_BLACKOUT)
