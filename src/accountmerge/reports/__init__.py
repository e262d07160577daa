"""Texts for people about plans, change sets and findings."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.reports.redacting import redacted

__all__ = [
    "redacted",
]

_HOMES = {
    "redacted": "reports.redacting",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
