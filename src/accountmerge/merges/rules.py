"""The rules of a practice for all its merges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs

from accountmerge.changes.change_sets import UNDOS, Undo
from accountmerge.errors import InvalidValueError
from accountmerge.model.customers import TEXT_FIELDS, fits
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.records import BUILT_IN_KINDS, RELATION
from accountmerge.model.texts import IDENTIFIER, LABEL
from accountmerge.model.value_rules import (
    TRUTH,
    Rule,
    checked,
    each_of,
    entries,
    instance,
    listed,
    optional,
    words,
    wrong_type,
)

RecordEnd = Literal["move", "remove"]
RECORD_ENDS: tuple[RecordEnd, ...] = get_args(RecordEnd)


@attrs.frozen(
    kw_only=True,
    field_transformer=checked(kind=IDENTIFIER, one_per_customer=TRUTH, ends=words(*RECORD_ENDS)),
)
class RecordKind:
    """A kind of record, declared once: what a merge moves or removes, and what its completeness is proved by.

    Attributes:
        kind: The kind, as records name it; a built-in one may be declared to change how it is treated.
        one_per_customer: Whether a customer may have only one with each `unique_key` (one without any). The
            survivor's is kept, or else the earliest; the other goes to the ledger.
        ends: What becomes of a record of an absorbed customer: `move` to the survivor (the default), or `remove`,
            with an entry in the ledger, for credentials, tokens and the like. The survivor's own records stay.

    Raises:
        InvalidValueError: Relations are declared one per customer or removed: they are known by both their ends.
            Or a kind that is removed is declared one per customer.
    """

    kind: str
    one_per_customer: bool = False
    ends: RecordEnd = "move"

    def __attrs_post_init__(self) -> None:
        if self.kind == RELATION and self.one_per_customer:
            raise InvalidValueError("relation_per_customer")
        if self.ends == "remove" and (self.kind == RELATION or self.one_per_customer):
            raise InvalidValueError("not_one_of", allowed=("move",)).at("RecordKind", "ends")


FieldPolicy = Literal[
    "survivor_first",
    "absorbed_first",
    "fill_blanks",
    "longest",
    "earliest",
    "latest",
    "largest",
    "smallest",
    "true_wins",
    "false_wins",
    "union",
    "must_agree",
    "explicit",
]
FIELD_POLICIES: tuple[FieldPolicy, ...] = get_args(FieldPolicy)

SINGLE_FIELDS = (*TEXT_FIELDS, "birth_date")
"""The fields of a customer that have one value; each attribute has one, too."""
RULED_FIELDS = (*SINGLE_FIELDS, "phones", "attributes")
"""The fields of a customer that a rule may decide; `attributes.NAME` is one attribute.

Opt-outs are always a union and no rule may relax them; e-mails and record numbers all survive.
"""

_ATTRIBUTE = "attributes."
_FOR_PHONES = frozenset({"survivor_first", "absorbed_first", "union", "must_agree", "explicit"})
_FOR_ATTRIBUTES = frozenset({"largest", "smallest", "true_wins", "false_wins"})
_FOR_TEXT = frozenset(FIELD_POLICIES) - _FOR_ATTRIBUTES - {"union", "earliest", "latest"}
_FOR_DATES = frozenset(FIELD_POLICIES) - _FOR_ATTRIBUTES - {"union", "longest"}
_FOR_SCALARS = frozenset(FIELD_POLICIES) - {"union"}


def _ruled_field(field: str) -> str:
    return _named_field(field, RULED_FIELDS)


def single_field(field: str) -> str:
    """Return the name of a field that has one value: a text, a birth date, or one attribute.

    Raises:
        InvalidValueError: It is another field, or none.
    """
    return _named_field(field, SINGLE_FIELDS)


def _named_field(field: str, allowed: tuple[str, ...]) -> str:
    name: str = LABEL.check(field)
    if name not in allowed and not name.startswith(_ATTRIBUTE):
        raise InvalidValueError("not_one_of", allowed=(*allowed, f"{_ATTRIBUTE}NAME"))
    if name.startswith(_ATTRIBUTE):
        LABEL.check(name.removeprefix(_ATTRIBUTE))
    return name


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(
        field=Rule("ruled_field", _ruled_field, allowed=RULED_FIELDS),
        policy=words(*FIELD_POLICIES),
        value=optional(instance(FrozenJson, "frozen_json")),
    ),
)
class FieldRule:
    """Which value of one field survives.

    A value that is absent, `null` or blank text never wins over another one, under any policy but `explicit`, which
    takes the value of the rule. `survivor_first` and `fill_blanks` take the survivor's, then the first absorbed
    customer's; `absorbed_first` asks the absorbed customers first. The others compare, and take the survivor's among
    equals: `longest` compares texts, `earliest` and `latest` dates and times, `largest` and `smallest` numbers,
    `true_wins` and `false_wins` truth values. A value of another type than those four policies compare wins only if no
    customer has one to compare; a first value that is no text is not compared by `longest`, and stays.
    `must_agree` blocks if two values differ; `union` keeps all.

    Attributes:
        field: One of `RULED_FIELDS`, or `attributes.NAME`.
        policy: How it is decided.
        value: The value, for `explicit` only; a date as `YYYY-MM-DD`, phones as a list of texts.

    Raises:
        InvalidValueError: The field cannot be ruled, the policy does not fit it, or a value is missing,
            of the wrong type, or there without need.
    """

    field: str
    policy: FieldPolicy
    value: FrozenJson | None = None

    def __attrs_post_init__(self) -> None:
        allowed = _allowed(self.field)
        if self.policy not in allowed:
            error = InvalidValueError("not_one_of", allowed=tuple(sorted(allowed)))
            raise error.at("FieldRule", "policy")
        if (self.policy == "explicit") != (self.value is not None):
            raise InvalidValueError("value_for_explicit").at("FieldRule", "value")
        if self.value is not None and not _fits(self.field, self.value.value):
            raise wrong_type("value_of_field").at("FieldRule", "value")

    def __repr__(self) -> str:
        shown = f"{_ATTRIBUTE}…" if self.field.startswith(_ATTRIBUTE) else self.field
        return f"FieldRule({shown!r}, {self.policy!r})"


def _allowed(field: str) -> frozenset[str]:
    if field == "phones":
        return _FOR_PHONES
    if field == "birth_date":
        return _FOR_DATES
    if field == "attributes":
        return _FOR_SCALARS - {"explicit"}  # a rule for all attributes cannot give each its value
    return _FOR_SCALARS if field.startswith(_ATTRIBUTE) else _FOR_TEXT


def _fits(field: str, value: Any) -> bool:
    """Return whether a value can be that of a field."""
    if field.startswith(_ATTRIBUTE):
        return not isinstance(value, list | dict)
    return fits(field, value)


KeptPrimary = Literal["ask", "survivor", "absorbed"]
Answer = Literal["warn", "block"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
"""How a merge answers a fact that somebody should look at; a named person may accept what blocks."""

MergeActor = Literal["treating", "authorised"]
MERGE_ACTORS: tuple[MergeActor, ...] = get_args(MergeActor)

KEPT_PRIMARIES: tuple[KeptPrimary, ...] = get_args(KeptPrimary)


def _field_rules(rules: Iterable[FieldRule]) -> tuple[FieldRule, ...]:
    found = tuple(each_of(rules, FieldRule, "field_rule"))
    _refuse_repeated([rule.field for rule in found])
    return tuple(sorted(found, key=lambda rule: rule.field))


def _record_kinds(record_kinds: Iterable[RecordKind]) -> tuple[RecordKind, ...]:
    found = tuple(each_of(record_kinds, RecordKind, "record_kind"))
    _refuse_repeated([record_kind.kind for record_kind in found])
    return tuple(sorted(found, key=lambda record_kind: record_kind.kind))


def _identity_fields(fields: Iterable[str]) -> tuple[str, ...]:
    found = [single_field(field) for field in listed(fields)]
    _refuse_repeated(found)
    return tuple(sorted(found))


def _refuse_repeated(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise InvalidValueError("declared_twice")


_BUILT_IN_KINDS = {kind: RecordKind(kind=kind) for kind in BUILT_IN_KINDS}


@attrs.frozen(
    kw_only=True,
    field_transformer=checked(
        name=IDENTIFIER,
        version=LABEL,
        kept_primary=words(*KEPT_PRIMARIES),
        undo=words(*UNDOS),
        identity_fields=entries(LABEL),
        identity_conflict=words(*ANSWERS),
        login_change=words(*ANSWERS),
        actor=words(*MERGE_ACTORS),
    ),
)
class MergeRules:
    """What holds for every merge of a practice; versioned, and named in each plan.

    Attributes:
        name: By what the rules are known.
        version: Which edition of them.
        fields: Which value of a field survives, where that is not `fill_blanks` (for phones: `union`).
        record_kinds: The caller's own kinds of record; a kind that is neither built in nor declared blocks.
        kept_primary: Which primary email is kept if more than one customer has one: `ask` refuses, so that
            a person decides; `absorbed` keeps the one of the first absorbed customer (by id) that has one.
        undo: Whether a merge may be undone: `never`, or `while_unchanged`.
        identity_fields: The fields in which the merged customers should not differ, because they tell one person
            from another: `given_name`, `family_name`, `birth_date`, `address` or `attributes.NAME`. A set, kept
            sorted. Default: `birth_date`.
        identity_conflict: Whether a difference in such a field warns (the default) or blocks.
        login_change: Whether a merge warns (the default) or blocks if the survivor will sign in with a login of
            another customer.
        actor: Who may merge: a profile with treating access to all of them (`treating`, the default), or a named
            person (`authorised`), for whom the request has an `Authority`.
    """

    name: str = attrs.field(default="default", metadata={"always_written": True})
    version: str = attrs.field(default="1", metadata={"always_written": True})
    fields: tuple[FieldRule, ...] = attrs.field(default=(), converter=_field_rules)
    record_kinds: tuple[RecordKind, ...] = attrs.field(default=(), converter=_record_kinds)
    kept_primary: KeptPrimary = "ask"
    undo: Undo = "never"
    identity_fields: tuple[str, ...] = attrs.field(default=("birth_date",), converter=_identity_fields)
    identity_conflict: Answer = "warn"
    login_change: Answer = "warn"
    actor: MergeActor = "treating"

    @property
    def title(self) -> str:
        """The name and the version, as a plan shows them."""
        return f"{self.name} {self.version}"

    def record_kind(self, kind: str) -> RecordKind | None:
        """Return how records of a kind are treated; nothing if the kind is not declared."""
        declared = next((record_kind for record_kind in self.record_kinds if record_kind.kind == kind), None)
        return declared or _BUILT_IN_KINDS.get(kind)

    def field_rule(self, field: str) -> FieldRule:
        """Return the rule for a field; for one attribute, its own or else that of all attributes."""
        own = {rule.field: rule for rule in self.fields}
        found = own.get(field) or (own.get("attributes") if field.startswith("attributes.") else None)
        policy: FieldPolicy = "union" if field == "phones" else "fill_blanks"
        return found or FieldRule(field=field, policy=policy)
