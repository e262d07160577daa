"""Field rules: which value of a field survives a merge, decided field by field."""

from __future__ import annotations

from typing import Any, Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.texts import LABEL
from accountmerge.model.value_rules import Rule, checked, instance, optional, words, wrong_type
from accountmerge.rules.field_values import TEXT_FIELDS, fits

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
