"""Read and write documents, one JSON format for each kind of value."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.documents.entity_rows import entity_from_json, entity_to_json
    from accountmerge.documents.json_schemas import json_schema
    from accountmerge.errors import Fault

__all__ = [
    "Fault",
    "entity_from_json",
    "entity_to_json",
    "json_schema",
]

_HOMES = {
    "Fault": "errors",
    "entity_from_json": "documents.entity_rows",
    "entity_to_json": "documents.entity_rows",
    "json_schema": "documents.json_schemas",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
