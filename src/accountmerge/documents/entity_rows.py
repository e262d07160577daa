"""Read and write one entity as plain JSON data, as in a snapshot file."""

from __future__ import annotations

from typing import Any

from accountmerge.errors import Fault, FaultList, InvalidValueError, LoadError
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_CLASS, KIND_OF_NAME, Entity, EntityName
from accountmerge.model.json_text import DEEPEST
from accountmerge.model.value_rules import wrong_type
from accountmerge.wire import scalars
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import HIDDEN_KEY, Faults, collect, shown_key

_DEEPEST_ROW = DEEPEST + 8
"""The deepest nesting of a row; its fields hold JSON values of at most `DEEPEST` levels a few levels down."""


def entity_to_json(entity: Entity) -> dict[str, Any]:
    """Return an entity as plain JSON data, with the keys that it has in a snapshot file.

    Empty optional keys are left out. Times are RFC 3339 text in UTC.

    Args:
        entity: A profile, customer, appointment, record, access or access request.

    Returns:
        A new dict of `dict`, `list`, `str`, `int`, `float`, `bool` and `None`, which `entity_from_json` reads
        back as an equal entity. It contains personal values.

    Raises:
        InvalidValueError: The value is no entity.
    """
    if type(entity) not in KIND_OF_CLASS:
        raise wrong_type("entity").at("entity_to_json", "entity")
    row: dict[str, Any] = converter().unstructure(entity)
    return row


def entity_from_json(name: EntityName, row: dict[str, Any]) -> Entity:
    """Read an entity from plain JSON data, as strictly as from a snapshot file.

    The row is not changed. References are not compared with other entities: `Snapshot` does that.

    Args:
        name: The kind of entity: `profile`, `customer`, `appointment`, `record`, `access` or `access_request`.
        row: A dict with the keys of that kind in a snapshot file. Tuples are read as lists, and subclasses of
            `str` as text.

    Raises:
        LoadError: The row has faults. The error lists every fault with its path in the row, such as
            `emails[0].use`, and no personal value.
        InvalidValueError: There is no such kind of entity.
    """
    if name not in ENTITY_NAMES:
        raise InvalidValueError("not_one_of", of="entity_from_json", field="name", allowed=ENTITY_NAMES)
    faults = FaultList()
    plain = _plain(row, "", _DEEPEST_ROW, faults)
    if not faults:
        try:
            entity: Entity = converter().structure(plain, KIND_OF_NAME[name].cls)
        except (Fault, Faults, ExceptionGroup, InvalidValueError) as error:
            collect(faults, error)
        else:
            return entity
    raise LoadError(faults, faults.more)


def _plain(value: Any, path: str, levels: int, faults: list[Fault]) -> Any:
    """Return a copy of plain JSON data, and collect a fault for each other value."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if kind not in (dict, list, tuple):
        faults.append(scalars.wrong_type("json_value", value).below(path))
    elif levels == 0:
        faults.append(Fault("too_deep", path))
    elif kind is dict:
        return {
            _key(key, path, faults): _plain(item, _below(path, key), levels - 1, faults)
            for key, item in value.items()
        }
    else:
        return [_plain(item, f"{path}[{place}]", levels - 1, faults) for place, item in enumerate(value)]
    return None


_SCALARS = (str, int, float, bool, type(None))


def _key(key: Any, path: str, faults: list[Fault]) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    faults.append(scalars.wrong_type("text", key).below(_below(path, key)))
    return HIDDEN_KEY


def _below(path: str, key: Any) -> str:
    shown = shown_key(key) if isinstance(key, str) else HIDDEN_KEY
    return f"{path}.{shown}" if path else shown
