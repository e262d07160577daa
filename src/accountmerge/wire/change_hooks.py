"""Hooks that read and write change sets, with edits as differences and facts checked by vocabulary."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from cattrs import Converter

from accountmerge.changes.change_sets import OBLIGATION_FACTS, ChangeSet, Clusters, Held, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import GUARD_FACTS, Guard, GuardKind
from accountmerge.changes.steps import REASON_FACTS, Reason, Step
from accountmerge.errors import Fault, InvalidValueError
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import FACT_TYPES, Facts, FactType
from accountmerge.model.access import LEVELS
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_NAME, NAMING_CUSTOMERS, Entity, kind_of
from accountmerge.model.profiles import LOGINS
from accountmerge.wire import scalars
from accountmerge.wire.class_hooks import reader_of_class, reader_of_tuple
from accountmerge.wire.faults import Faults, each, faults_of, shown_key

Writer = Callable[[Any], Any]

IMAGES = {"create": ("after",), "change": ("before", "after"), "remove": ("before",)}
"""The images that an edit has, by its operation."""
_OPS = tuple(IMAGES)
_EDIT_KEYS = {op: frozenset({"op", "entity", "id", *images}) for op, images in IMAGES.items()}
FACT_READERS: dict[FactType, Callable[[Any], Any]] = {
    "id": scalars.text,
    "ids": scalars.texts,
    "instant": scalars.instant_us,
    "instant_or_empty": lambda value: value if value == "" else scalars.instant_us(value),
    "number": scalars.integer,
    "word": scalars.text,
    "words": scalars.texts,
    "text": scalars.text,
    "version": scalars.version,
}
"""The reader of a fact, by its type."""


def register(converter: Converter) -> None:
    """Register the hooks of change sets and of findings. The hooks of a class are built when it is first met."""
    converter.register_structure_hook(Edit, lambda value, _: _read_edit(converter, value))
    whole: Callable[[type], Writer] = functools.cache(converter.get_unstructure_hook)
    fields: Callable[[type], Mapping[str, Writer]] = functools.cache(
        lambda cls: _field_writers(converter, cls)
    )
    converter.register_unstructure_hook(Edit, lambda edit: _written_edit(whole, fields, edit))
    converter.register_structure_hook_func(lambda kind: kind == Held, lambda value, _: _read_held(value))
    converter.register_unstructure_hook_func(lambda kind: kind == Held, _written_held)
    converter.register_structure_hook_func(
        lambda kind: kind == Clusters, lambda value, _: _read_clusters(value)
    )
    converter.register_unstructure_hook_func(
        lambda kind: kind == Clusters, lambda clusters: {name: list(ids) for name, ids in clusters}
    )
    converter.register_structure_hook_func(
        lambda kind: kind == Entity, lambda value, _: _read_entity(converter, value)
    )
    converter.register_unstructure_hook_func(
        lambda kind: kind == Entity,
        lambda image: {"entity": kind_of(image).name, **whole(type(image))(image)},
    )
    converter.register_structure_hook_factory(
        _CHECKS.__contains__, lambda cls: _checked_reader(converter, cls)
    )
    converter.register_structure_hook_factory(
        lambda kind: kind is ChangeSet, lambda cls: reader_of_class(converter, cls, at_once=False)
    )
    converter.register_structure_hook_factory(  # so that a big change set is not in memory twice
        lambda kind: kind == tuple[Step, ...], lambda kind: reader_of_tuple(converter, kind, used_up=True)
    )


def _checked_reader(converter: Converter, cls: Any) -> Any:
    """Return the reader of a class with a check of the values that its constructor accepts."""
    read, check = reader_of_class(converter, cls), _CHECKS[cls]

    def reader(value: Any, _: Any) -> Any:
        structured = read(value, cls)
        faults = list(check(structured))
        if faults:
            raise Faults(faults)
        return structured

    return reader


def _vocabulary_faults(
    code: str, facts: Facts, names: Mapping[str, frozenset[str]], field: str = "code"
) -> Iterator[Fault]:
    if code not in names:
        yield Fault("not_in_vocabulary", field, allowed=tuple(sorted(names)))
    elif facts.keys() != names[code]:
        yield Fault("wrong_facts", "facts", wanted=tuple(sorted(names[code])))
    else:
        yield from _type_faults(facts)


def _finding_faults(finding: Finding) -> Iterator[Fault]:
    kind = FINDINGS.get(finding.code)
    if kind is None:
        yield Fault("not_in_vocabulary", "code", allowed=tuple(sorted(FINDINGS)))
    elif finding.facts.keys() not in kind.forms:
        yield Fault("wrong_facts", "facts", wanted=tuple(sorted(kind.facts)))
    else:
        yield from _type_faults(finding.facts)


def _step_faults(step: Step) -> Iterator[Fault]:
    if not step.edits:
        yield Fault("invalid_value", "edits", reason="step_without_edits")


def _guard_faults(guard: Guard) -> Iterator[Fault]:
    kind, facts = guard.kind, guard.facts
    if not _is_form(kind, tuple(facts)):
        wanted = frozenset[str]().union(*(known for _, known in _FORMS[kind]))
        yield Fault("wrong_facts", "facts", wanted=tuple(sorted(wanted)))
        return
    yield from _type_faults(facts)
    for name, allowed in _WORDS[kind].items():
        if name in facts and facts[name] not in allowed:
            yield Fault("not_in_vocabulary", f"facts.{name}", allowed=allowed)
    if kind == "slot_free":
        yield from _order_faults(guard)


_CHECKS: dict[Any, Callable[[Any], Iterator[Fault]]] = {
    Guard: _guard_faults,
    Reason: lambda value: _vocabulary_faults(value.code, value.facts, REASON_FACTS),
    Obligation: lambda value: _vocabulary_faults(value.kind, value.facts, OBLIGATION_FACTS, "kind"),
    Step: _step_faults,
    Finding: _finding_faults,
}
"""The check of each class with a closed vocabulary."""


def _type_faults(facts: Facts) -> Iterator[Fault]:
    """Yield a fault for each fact that is not of its type."""
    for name, fact in facts.items():
        type_ = FACT_TYPES[name]
        if type(fact) is str and type_ in _CHECKED_TEXTS:
            continue
        try:
            FACT_READERS[type_](list(fact) if type(fact) is tuple else fact)
        except Fault as fault:
            yield fault.below(f"facts.{name}")


_CHECKED_TEXTS = frozenset[FactType]({"id", "word", "text", "version"})
"""Types of facts whose text was checked when the facts were read."""


def fact_words(kind: GuardKind) -> dict[str, tuple[str, ...]]:
    """Return the allowed words of each fact of a guard that has a vocabulary."""
    entities = ("profile", "customer") if kind == "address_unclaimed" else ENTITY_NAMES
    words: dict[str, tuple[str, ...]] = {
        "entity": entities,
        "level": LEVELS,
        "login": LOGINS,
        "only": NAMING_CUSTOMERS,
    }
    known = frozenset[str]().union(*(required | optional for required, optional in GUARD_FACTS[kind]))
    return {name: allowed for name, allowed in words.items() if name in known}


@functools.lru_cache(maxsize=1024)
def _is_form(kind: GuardKind, names: tuple[str, ...]) -> bool:
    """Return whether a guard may have facts of these names. Cached, because few questions repeat often."""
    return any(required <= frozenset(names) <= known for required, known in _FORMS[kind])


_FORMS = {
    kind: tuple((required, required | optional) for required, optional in forms)
    for kind, forms in GUARD_FACTS.items()
}
_WORDS = {kind: fact_words(kind) for kind in GUARD_FACTS}


def _order_faults(guard: Guard) -> Iterator[Fault]:
    try:
        start, end = (scalars.instant_us(guard.facts[name]) for name in ("start", "end"))
    except Fault:
        return  # reported before
    if end <= start:
        yield Fault("invalid_value", "facts.end", reason="end_not_after_start")


def _field_writers(converter: Converter, cls: type) -> dict[str, Writer]:
    """Return the writer of each field of a class. An empty value is written, too."""
    return {field.name: converter.get_unstructure_hook(field.type) for field in attrs.fields(cls)}


def _written_edit(
    whole: Callable[[type], Writer], fields: Callable[[type], Mapping[str, Writer]], edit: Edit
) -> dict[str, Any]:
    before, after = edit.before, edit.after
    written: dict[str, Any] = {"op": edit.op, "entity": edit.entity, "id": edit.id}
    if before is not None:
        written["before"] = whole(type(before))(before)
    if before is None:
        written["after"] = whole(type(after))(after)
    elif after is not None:
        written["after"] = changed = {}
        writers = fields(type(after))
        for name in edit.changed_fields:
            value = writers[name](getattr(after, name))
            if name == "slot":
                changed.update(value)  # its ends are keys beside the others
            else:
                changed[name] = value
    return written


def _read_edit(converter: Converter, value: Any) -> Edit:
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)
    op, entity = _choice(value, "op", _OPS), _choice(value, "entity", ENTITY_NAMES)
    wanted = _EDIT_KEYS[op]
    if value.keys() != wanted:
        faults = [Fault("unknown_key", shown_key(key)) for key in sorted(value.keys() - wanted)]
        raise Faults(faults + [Fault("missing_key", key) for key in sorted(wanted - value.keys())])
    before = _read_image(converter, entity, value["before"], "before") if "before" in value else None
    after = _read_after(converter, entity, value, before) if "after" in value else None
    try:
        edit = Edit(before, after)
    except InvalidValueError as error:
        raise Fault("invalid_value", "after", reason=error.code) from None
    if edit.id != value["id"]:
        raise Fault("invalid_value", "id", reason="edit_of_two")
    return edit


def _read_held(value: Any) -> Any:
    """Read lists of ids, by entity."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)

    def ids(item: tuple[str, Any]) -> tuple[str, tuple[str, ...]]:
        if item[0] not in NAMING_CUSTOMERS:
            raise Fault("unknown_key")
        if type(item[1]) is not list:
            raise scalars.wrong_type("list", item[1])
        named = ((f"[{position}]", id) for position, id in enumerate(item[1]))
        return (item[0], tuple(each(named, scalars.text)))

    return tuple(each(((shown_key(item[0]), item) for item in value.items()), ids))


def _read_clusters(value: Any) -> Any:
    """Read lists of booking ids, by finding id."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)

    def ids(item: tuple[str, Any]) -> tuple[str, tuple[str, ...]]:
        if type(item[1]) is not list:
            raise scalars.wrong_type("list", item[1])
        named = ((f"[{position}]", id) for position, id in enumerate(item[1]))
        return (scalars.text(item[0]), tuple(each(named, scalars.text)))

    return tuple(each(((shown_key(item[0]), item) for item in value.items()), ids))


def _written_held(held: Held) -> dict[str, list[str]]:
    return {name: list(ids) for name, ids in held}


def _read_entity(converter: Converter, value: Any) -> Entity:
    """Read a whole entity that names its kind."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)
    name = _choice(value, "entity", ENTITY_NAMES)
    rest = {key: part for key, part in value.items() if key != "entity"}
    image: Entity = converter.structure(rest, KIND_OF_NAME[name].cls)
    return image


def _choice(value: dict[str, Any], key: str, allowed: tuple[str, ...]) -> Any:
    if key not in value:
        raise Fault("missing_key", key)
    if value[key] not in allowed:
        raise Fault("not_in_vocabulary", key, allowed=allowed)
    return value[key]


def _read_after(converter: Converter, entity: str, value: dict[str, Any], before: Entity | None) -> Entity:
    after = value["after"]
    if before is None:
        return _read_image(converter, entity, after, "after")
    if type(after) is not dict:
        raise scalars.wrong_type("object", after).below("after")
    if not after:
        raise Fault("invalid_value", "after", reason="edit_changes_nothing")
    merged = {**value["before"], **after}
    for key, item in after.items():
        if item is None:
            del merged[key]
    return _read_image(converter, entity, merged, "after")


def _read_image(converter: Converter, entity: str, value: Any, path: str) -> Entity:
    cls = KIND_OF_NAME[entity].cls
    try:
        image: Entity = converter.structure(value, cls)
    except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
        raise Faults(list(faults_of(error, path))) from None
    return image
