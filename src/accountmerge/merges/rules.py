"""The rules of a practice for all its merges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs

from accountmerge.changes.change_sets import FIELD_POLICIES, UNDOS, FieldPolicy, Undo
from accountmerge.errors import InvalidValueError
from accountmerge.messages import CUSTOMER_LABELS, CustomerLabel
from accountmerge.model.customers import TEXT_FIELDS, fits
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.private import privacy
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
from accountmerge.model.values import ShownValue, Value, value_class

RecordEnd = Literal["move", "remove"]
RECORD_ENDS: tuple[RecordEnd, ...] = get_args(RecordEnd)


@privacy(plain="kind one_per_customer ends", unknown_keys="words")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(kind=IDENTIFIER, one_per_customer=TRUTH, ends=words(*RECORD_ENDS)),
)
class RecordKind(ShownValue):
    """The declaration of a kind of record, for the merge and its completeness proof.

    Attributes:
        kind: The kind, as records name it. A built-in kind may be declared to change its rule.
        one_per_customer: Whether a customer may have only one record with each `unique_key`, and one without a key.
            The survivor's is kept, or else the earliest; the other goes to the ledger.
        ends: The end of an absorbed customer's records, `move` to the survivor or `remove` with a ledger entry, for
            credentials, tokens and the like. The survivor's own records stay. Default: `move`.

    Raises:
        InvalidValueError: Relations, which have two customers, are declared one per customer or removed. Or a removed
            kind is declared one per customer.
    """

    kind: str
    one_per_customer: bool = False
    ends: RecordEnd = "move"

    def __attrs_post_init__(self) -> None:
        if self.kind == RELATION and self.one_per_customer:
            raise InvalidValueError("relation_per_customer")
        if self.ends == "remove" and (self.kind == RELATION or self.one_per_customer):
            raise InvalidValueError("not_one_of", allowed=("move",)).at("RecordKind", "ends")


SINGLE_FIELDS = (*TEXT_FIELDS, "birth_date")
"""The fields of a customer with one value. Each attribute has one value too."""
RULED_FIELDS = (*SINGLE_FIELDS, "phones", "attributes")
"""The fields of a customer that may have a rule; `attributes.NAME` is one attribute.

All opt-outs, e-mails and record numbers survive, with any rules.
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
    """Return the name of a field with one value, such as a birth date or one attribute.

    Raises:
        InvalidValueError: The name is that of another field, or of none.
    """
    return _named_field(field, SINGLE_FIELDS)


def _named_field(field: str, allowed: tuple[str, ...]) -> str:
    name: str = LABEL.check(field)
    if name not in allowed and not name.startswith(_ATTRIBUTE):
        raise InvalidValueError("not_one_of", allowed=(*allowed, f"{_ATTRIBUTE}NAME"))
    if name.startswith(_ATTRIBUTE):
        LABEL.check(name.removeprefix(_ATTRIBUTE))
    return name


@privacy(personal="value", plain="field policy", unknown_keys="words")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        field=Rule("ruled_field", _ruled_field, allowed=RULED_FIELDS),
        policy=words(*FIELD_POLICIES),
        value=optional(instance(FrozenJson, "frozen_json")),
    ),
)
class FieldRule(Value):
    """The rule by which one value of a field survives.

    An absent, `null` or blank value never wins over another one, except by `explicit`, which takes the value of the
    rule. `survivor_first` and `fill_blanks` take the survivor's value, then the first absorbed customer's;
    `absorbed_first` takes those of the absorbed customers first. Other policies compare values, and take the survivor's
    among equals: `longest` compares texts, `earliest` and `latest` dates and times, `largest` and `smallest` numbers,
    `true_wins` and `false_wins` truth values. The last four use a value of another type only if no customer has a value
    to compare. With `longest`, a first value that is no text survives. `must_agree` blocks if two values differ;
    `union` keeps all.

    Attributes:
        field: One of `RULED_FIELDS`, or `attributes.NAME`.
        policy: One of `FIELD_POLICIES`.
        value: The value, for `explicit` only; a date as `YYYY-MM-DD`, phones as a list of texts.

    Raises:
        InvalidValueError: The field can have no rule, the policy does not fit it, or a value is missing, of the wrong
            type, or not needed.
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
    """Return whether a value fits a field."""
    if field.startswith(_ATTRIBUTE):
        return not isinstance(value, list | dict)
    return fits(field, value)


KeptPrimary = Literal["ask", "survivor", "absorbed"]
Answer = Literal["warn", "block"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
"""The severities that a practice may choose; a named person may accept a finding that blocks."""

MergeActor = Literal["treating", "authorised"]
MERGE_ACTORS: tuple[MergeActor, ...] = get_args(MergeActor)

KEPT_PRIMARIES: tuple[KeptPrimary, ...] = get_args(KeptPrimary)


def _field_rules(rules: Iterable[FieldRule]) -> tuple[FieldRule, ...]:
    field_rules = tuple(each_of(rules, FieldRule, "field_rule"))
    _refuse_repeated([rule.field for rule in field_rules])
    return tuple(sorted(field_rules, key=lambda rule: rule.field))


def _record_kinds(record_kinds: Iterable[RecordKind]) -> tuple[RecordKind, ...]:
    kinds = tuple(each_of(record_kinds, RecordKind, "record_kind"))
    _refuse_repeated([record_kind.kind for record_kind in kinds])
    return tuple(sorted(kinds, key=lambda record_kind: record_kind.kind))


def _identity_fields(fields: Iterable[str]) -> tuple[str, ...]:
    names = [single_field(field) for field in listed(fields)]
    _refuse_repeated(names)
    return tuple(sorted(names))


def _refuse_repeated(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise InvalidValueError("declared_twice")


_BUILT_IN_KINDS = {kind: RecordKind(kind=kind) for kind in BUILT_IN_KINDS}


@privacy(
    plain=(
        "name version fields record_kinds kept_primary undo identity_fields identity_conflict "
        "login_change actor customer_label"
    ),
    unknown_keys="words",
)
@value_class(
    eq=False,
    repr=False,
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
        customer_label=words(*CUSTOMER_LABELS),
    ),
)
class MergeRules(ShownValue):
    """The rules of a practice for all its merges, named in each plan.

    Attributes:
        name: The name of the rules.
        version: The version of the rules.
        fields: The rules for single fields. Default: `fill_blanks`, for phones `union`.
        record_kinds: The caller's own kinds of record. A record of any other kind blocks, unless the kind is built in.
        kept_primary: The primary email that is kept if several customers have one: `ask` blocks, so that a person
            decides; `survivor` keeps the survivor's if it has one; `absorbed` keeps that of the first absorbed
            customer by id that has one.
        undo: Whether a merge may be undone, `never` or `while_unchanged`.
        identity_fields: The fields that identify a person, in which merged customers should not differ: `given_name`,
            `family_name`, `birth_date`, `address` or `attributes.NAME`. Default: `birth_date`.
        identity_conflict: The severity of a difference in such a field, `warn` or `block`.
        login_change: The severity if the survivor will sign in with a login of another customer, `warn` or `block`.
        actor: The party that may merge, a profile with treating access to all customers (`treating`), or a named
            person (`authorised`), with an `Authority` in the request.
        customer_label: The word for a customer in reports of a plan, one of `CUSTOMER_LABELS`.
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
    customer_label: CustomerLabel = "customer"

    @property
    def title(self) -> str:
        """The name and the version, as a plan shows them."""
        return f"{self.name} {self.version}"

    def record_kind(self, kind: str) -> RecordKind | None:
        """Return the declaration of a kind of record, or None if it is neither declared nor built in."""
        declared = next((record_kind for record_kind in self.record_kinds if record_kind.kind == kind), None)
        return declared or _BUILT_IN_KINDS.get(kind)

    def field_rule(self, field: str) -> FieldRule:
        """Return the rule for a field; an attribute has its own, or else that of all attributes."""
        own = {rule.field: rule for rule in self.fields}
        own_rule = own.get(field) or (own.get("attributes") if field.startswith("attributes.") else None)
        policy: FieldPolicy = "union" if field == "phones" else "fill_blanks"
        return own_rule or FieldRule(field=field, policy=policy)
