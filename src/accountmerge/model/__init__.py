"""Values of a practice, and the times and texts that they contain."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.messages.facts import Facts
    from accountmerge.model.emails import EmailAddress
    from accountmerge.model.json_text import FrozenJson
    from accountmerge.model.wall_times import resolve_wall_time, wall_time

__all__ = [
    "EmailAddress",
    "Facts",
    "FrozenJson",
    "resolve_wall_time",
    "wall_time",
]

_HOMES = {
    "EmailAddress": "model.emails",
    "Facts": "messages.facts",
    "FrozenJson": "model.json_text",
    "resolve_wall_time": "model.wall_times",
    "wall_time": "model.wall_times",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
