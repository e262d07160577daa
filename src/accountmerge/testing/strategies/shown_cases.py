"""Cases that Hypothesis shows as text that can be loaded again.

Snapshots hide their values by default, because they may be of real people; drawn people are invented.
"""

from __future__ import annotations

from typing import Any

import attrs

from accountmerge.documents.files import dumps
from accountmerge.model.snapshots import Snapshot


class ShownCase:
    """A case whose snapshots Hypothesis shows in full."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: object) -> None:
        """Show the fields as arguments of the class, snapshots as text for `loads`."""
        del cycle
        fields: tuple[Any, ...] = attrs.fields(type(self))  # type: ignore[arg-type]
        with printer.group(4, f"{type(self).__name__}(", ")"):
            for place, field in enumerate(fields):
                if place:
                    printer.text(",")
                    printer.breakable()
                printer.text(f"{field.name}=")
                value = getattr(self, field.name)
                if isinstance(value, Snapshot):
                    value = ShownSnapshot(value)
                printer.pretty(value)


@attrs.frozen
class ShownSnapshot:
    """A snapshot that is written out only when a failing example is shown."""

    snapshot: Snapshot

    def _repr_pretty_(self, printer: Any, cycle: object) -> None:
        del cycle
        printer.text(f"loads({dumps(self.snapshot)!r})")
