"""Build the cattrs converter that reads and writes the values of the library.

The JSON form follows from the classes. A field without a default is required. A field with a default is left out where
it has that default. Metadata of a field name the exceptions: `always_written` (the key is required all the same),
`written_as` (another name of the key) and `read_as` (`object` or `scalars`: the JSON that a field of `FrozenJson` may
hold).
"""

from __future__ import annotations

import types
from datetime import date, datetime, time
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import pendulum
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_unstructure_fn, override

from accountmerge.errors import Fault, FaultList
from accountmerge.messages import Facts
from accountmerge.model.appointments import Appointment
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import rfc3339
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.value_rules import rule_of
from accountmerge.model.values import Value
from accountmerge.wire import model_hooks, scalars
from accountmerge.wire.class_readers import (
    ColumnReader,
    Take,
    WireField,
    class_reader,
    column_reader,
    column_takes,
    default_of,
    field_reader,
)
from accountmerge.wire.faults import Faults, collect

_OBJECTS: dict[str, Any] = {"object": scalars.json_object, "scalars": scalars.json_scalars}
"""The reader of a JSON field, by the word under `read_as` in its metadata."""

_PLAIN = frozenset({str, int, bool, type(None)})

_BESIDE: dict[tuple[type, str], tuple[str, ...]] = {(Appointment, "slot"): ("start", "end")}
"""Fields that several keys hold."""

_COLUMNS_BESIDE: dict[tuple[type, str], Any] = {(Appointment, "slot"): model_hooks.slots_of_ends}
"""The reader of such a field for many rows at once."""


def built_converter() -> Converter:
    """Build a converter for the values of the model."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    _register_scalars(converter)
    converter.register_structure_hook_factory(attrs.has, lambda cls: reader_of_class(converter, cls))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _class_writer(converter, cls))
    converter.register_structure_hook_factory(
        is_optional, lambda kind: converter.get_structure_hook(inner_kind(kind))
    )
    converter.register_unstructure_hook_factory(
        _is_optional_class, lambda kind: _optional_writer(converter, kind)
    )
    converter.register_structure_hook_factory(is_literal, _literal_reader)
    converter.register_structure_hook_factory(is_tuple, lambda kind: reader_of_tuple(converter, kind))
    converter.register_unstructure_hook_factory(is_tuple, lambda kind: _tuple_writer(converter, kind))
    model_hooks.register(converter)
    return converter


def _register_scalars(converter: Converter) -> None:
    readers: dict[Any, Any] = {
        str: scalars.text,
        int: scalars.integer,
        bool: scalars.truth,
        pendulum.DateTime: scalars.instant,
        date: scalars.day,
        datetime: scalars.local_time,
        time: scalars.wall_time,
        EmailAddress: scalars.email_address,
        FrozenJson: scalars.any_json,
        Facts: scalars.facts,
    }
    for cls, reader in readers.items():
        converter.register_structure_hook(cls, reader)
    converter.register_structure_hook_func(lambda kind: kind == str | int | None, scalars.version)
    converter.register_unstructure_hook(pendulum.DateTime, rfc3339)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(time, scalars.written_time)
    converter.register_unstructure_hook(EmailAddress, lambda address: address.text)
    converter.register_unstructure_hook(FrozenJson, lambda json: json.value)
    converter.register_unstructure_hook(
        Facts, lambda facts: dict(facts.items())
    )  # JSON writes a tuple as a list


def reader_of_class(converter: Converter, cls: Any, *, at_once: bool = True) -> Any:
    """Return the reader of a class that follows from its fields."""
    return class_reader(cls, _read_fields(converter, cls), at_once=at_once)


def built_column_reader(converter: Converter, cls: type) -> ColumnReader | None:
    """Return the reader of many rows of a class, or None if its constructor must check the values."""
    return column_reader(cls, _read_fields(converter, cls))


def built_column_takes(converter: Converter, cls: type) -> tuple[tuple[WireField, Take], ...]:
    """Return each field of a class with the reader of its column, for rows that come as columns."""
    return column_takes(_read_fields(converter, cls))


def _read_fields(converter: Converter, cls: Any) -> tuple[WireField, ...]:
    overrides = wire_fields(cls)
    fields = []
    for field in attrs.fields(cls):
        special = overrides[field.name]
        keys = _keys_of(cls, field.name, special)
        read = field_reader(field, converter.get_structure_hook, special.struct_hook)
        is_required = not _may_be_left_out(field)
        rule = rule_of(field) if special.struct_hook is None else None
        columns = _COLUMNS_BESIDE.get((cls, field.name))
        fields.append(WireField(field.name, keys, read, default_of(field), is_required, rule, columns))
    return tuple(fields)


def wire_keys(cls: Any) -> dict[str, tuple[str, ...]]:
    """Return the keys of each field on the wire, in the order in which they are written."""
    return {name: _keys_of(cls, name, special) for name, special in wire_fields(cls).items()}


def _keys_of(cls: type, field: str, special: Any) -> tuple[str, ...]:
    return _BESIDE.get((cls, field), (special.rename or field,))


def _class_writer(converter: Converter, cls: Any) -> Any:
    write = make_dict_unstructure_fn(cls, converter, **wire_fields(cls))
    return model_hooks.with_ends(write) if cls is Appointment else write


def wire_fields(cls: Any) -> dict[str, Any]:
    """Return the name of each field on the wire, its reader, and whether it may be left out."""
    attrs.resolve_types(cls)
    return {field.name: _wire_field(cls, field) for field in attrs.fields(cls)}


def _wire_field(cls: Any, field: Any) -> Any:
    if (cls, field.name) in _BESIDE:
        return override(rename=_BESIDE[cls, field.name][0], struct_hook=model_hooks.slot_of_ends)
    return override(
        rename=field.metadata.get("written_as"),
        struct_hook=_OBJECTS.get(field.metadata.get("read_as")),
        unstruct_hook=identity if _is_plain(field.type) else None,
        omit_if_default=_may_be_left_out(field),
    )


def _is_plain(kind: Any) -> bool:
    """Return whether values of a type are written as they are. Cattrs would find out the same, in much longer."""
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return all(part in _PLAIN or is_literal(part) for part in parts)


def _may_be_left_out(field: Any) -> bool:
    return field.default is not attrs.NOTHING and "always_written" not in field.metadata


def is_optional(kind: Any) -> bool:
    """Return whether a type is one other type or None."""
    union = get_origin(kind) in (Union, types.UnionType)
    return union and [inner is type(None) for inner in get_args(kind)] == [False, True]


def inner_kind(kind: Any) -> Any:
    """Return the type that an optional type wraps."""
    return next(inner for inner in get_args(kind) if inner is not type(None))


def is_literal(kind: Any) -> bool:
    """Return whether a type is a choice of words."""
    return get_origin(kind) is Literal


def _literal_reader(kind: Any) -> Any:
    allowed = get_args(kind)
    known = frozenset(allowed)

    def reader(value: Any, _: Any) -> Any:
        if type(value) is str and value in known:
            return value
        if type(value) is not str:
            raise scalars.wrong_type("text", value)
        raise Fault("not_in_vocabulary", allowed=allowed)

    return reader


def is_tuple(kind: Any) -> bool:
    """Return whether a type is a tuple of any length."""
    return get_origin(kind) is tuple and get_args(kind)[1:] == (Ellipsis,)


def reader_of_tuple(converter: Converter, kind: Any, *, used_up: bool = False) -> Any:
    """Return the reader of a list. If `used_up`, it releases the plain rows one by one."""
    inner = get_args(kind)[0]
    read = converter.get_structure_hook(inner)

    def reader(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise scalars.wrong_type("list", value)
        if not value:
            return ()
        items: list[Any] = []
        faults = FaultList()
        for position, item in enumerate(value):
            if used_up:
                value[position] = None
            try:
                items.append(read(item, inner))
            except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
                collect(faults, error, f"[{position}]")
        if faults:
            raise Faults(faults)
        return tuple(items)

    return reader


def _is_optional_class(kind: Any) -> bool:
    if not is_optional(kind):
        return False
    inner = inner_kind(kind)
    return isinstance(inner, type) and issubclass(inner, Value)


def _optional_writer(converter: Converter, kind: Any) -> Any:
    inner = inner_kind(kind)
    write: Any = None

    def writer(value: Any) -> Any:
        nonlocal write
        if value is None:
            return None
        if write is None:  # so that the hooks of a class are built only if there is a value of it
            write = converter.get_unstructure_hook(inner)
        return write(value)

    return writer


def _tuple_writer(converter: Converter, kind: Any) -> Any:
    inner = get_args(kind)[0]

    def writer(value: Any) -> list[Any]:
        if not value:  # so that the hooks of a class are built only if there is a value of it
            return []
        write = converter.get_unstructure_hook(inner)
        return [write(item) for item in value]

    return writer
