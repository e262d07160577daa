"""Merge rules: what a practice decides about all its merges of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.changes.change_sets import UNDOS, Undo
from accountmerge.errors import InvalidValueError
from accountmerge.model.records import BUILT_IN_KINDS
from accountmerge.model.texts import IDENTIFIER, LABEL
from accountmerge.model.value_rules import checked, each_of, entries, listed, words
from accountmerge.rules.field_rules import FieldPolicy, FieldRule, single_field
from accountmerge.rules.surfaces import Surface

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def _surfaces(surfaces: Iterable[Surface]) -> tuple[Surface, ...]:
    found = tuple(each_of(surfaces, Surface, "surface"))
    _refuse_repeated([surface.kind for surface in found])
    return tuple(sorted(found, key=lambda surface: surface.kind))


def _identity_fields(fields: Iterable[str]) -> tuple[str, ...]:
    found = [single_field(field) for field in listed(fields)]
    _refuse_repeated(found)
    return tuple(sorted(found))


def _refuse_repeated(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise InvalidValueError("declared_twice")


_BUILT_IN_SURFACES = {kind: Surface(kind=kind) for kind in BUILT_IN_KINDS}


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
        surfaces: The caller's own kinds of record; a kind that is neither built in nor declared blocks.
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
    surfaces: tuple[Surface, ...] = attrs.field(default=(), converter=_surfaces)
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

    def surface(self, kind: str) -> Surface | None:
        """Return how records of a kind are treated; nothing if the kind is not declared."""
        declared = next((surface for surface in self.surfaces if surface.kind == kind), None)
        return declared or _BUILT_IN_SURFACES.get(kind)

    def field_rule(self, field: str) -> FieldRule:
        """Return the rule for a field; for one attribute, its own or else that of all attributes."""
        own = {rule.field: rule for rule in self.fields}
        found = own.get(field) or (own.get("attributes") if field.startswith("attributes.") else None)
        policy: FieldPolicy = "union" if field == "phones" else "fill_blanks"
        return found or FieldRule(field=field, policy=policy)
