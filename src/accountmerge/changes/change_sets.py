"""The change set: ordered steps with guards, a ledger and obligations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, Self, TypeVar, get_args

import attrs
import pendulum

from accountmerge.changes.edits import Edit
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.steps import CONFIRMED, Step
from accountmerge.errors import InvalidValueError
from accountmerge.messages import Facts
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import ENTITY_NAMES, Entity, EntityName, kind_of
from accountmerge.model.instants import utc
from accountmerge.model.json_text import EMPTY_OBJECT, FrozenJson
from accountmerge.model.names import is_visible_name
from accountmerge.model.texts import IDENTIFIER, TEXT
from accountmerge.model.value_rules import checked

Clusters = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids of bookings by the id of the finding about them, both sorted."""


def sorted_clusters(clusters: Mapping[str, Iterable[str]] | Clusters) -> Clusters:
    """Return clusters in their order, those without members left out."""
    pairs = clusters.items() if isinstance(clusters, Mapping) else clusters
    return tuple(sorted((finding, tuple(sorted(set(ids)))) for finding, ids in pairs if ids))


def members_by_cluster(clusters: Clusters, steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """Return, by the id of a finding, the bookings that may overlap one another.

    Those are the members, and what steps book in their place.

    Args:
        clusters: The clusters of a change set.
        steps: Its steps, with the ids of the store.
    """
    if not clusters:
        return {}
    booked: dict[str, set[str]] = {}
    for step in steps:
        for edit in step.edits:
            for image in (edit.before, edit.after):
                if isinstance(image, Appointment) and image.replaces is not None:
                    booked.setdefault(image.replaces, set()).add(image.id)
    return {finding: frozenset(ids).union(*(booked.get(id, ()) for id in ids)) for finding, ids in clusters}


Intent = Literal[
    "migration",
    "merge",
    "access_request",
    "access_decision",
    "primary_email",
    "customer_edit",
    "rebooking",
    "undo",
]
Undo = Literal["never", "while_unchanged"]
UNDOS: tuple[Undo, ...] = get_args(Undo)
INTENTS: tuple[Intent, ...] = get_args(Intent)

Held = tuple[tuple[EntityName, tuple[str, ...]], ...]
"""Ids of entities by their kind, both sorted."""

FEATURES: tuple[str, ...] = (
    "clusters",
    "held",
    "images",
    "merged_at",
    "needs_confirmation",
    "no_other_record",
)
"""Keys that a change set may require because the first readers of its format did not know them."""

LEDGER_RULES: tuple[str, ...] = (
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
    "same_mailbox",
    "between_merged",
    "duplicate_relation",
    "one_per_customer",
    "ends_with_customer",
    "ends_with_profile",
    "stronger_access",
    "released",
    "edited",
)
"""The rules by which a value goes to the ledger."""


@attrs.frozen(repr=False, kw_only=True, field_transformer=checked(by=IDENTIFIER, plan_id=TEXT))
class Confirmation:
    """A named person said yes to one plan.

    Attributes:
        by: Who.
        at: When.
        plan_id: To which plan; it counts for no other.
    """

    by: str
    at: pendulum.DateTime = attrs.field(converter=utc)
    plan_id: str

    def __repr__(self) -> str:
        return f"Confirmation(plan_id={self.plan_id!r})"


@attrs.frozen(repr=False, kw_only=True)
class LedgerEntry:
    """A value that did not survive.

    Attributes:
        entity: The kind of entity that had it.
        id: Its id.
        field: The field.
        value: The value.
        from_id: The entity that the value came from (`from` in JSON).
        rule: The rule that decided.
    """

    entity: str
    id: str
    field: str
    value: FrozenJson
    from_id: str = attrs.field(metadata={"written_as": "from"})
    rule: str

    def __repr__(self) -> str:
        return f"LedgerEntry({self.entity} {self.id!r}, {self.field})"


OBLIGATION_FACTS: dict[str, frozenset[str]] = {
    "announce_blackout": frozenset({"start", "end"}),
    "list_availability": frozenset({"start", "end"}),
    "tell_new_login": frozenset({"profile_id"}),
    "tell_primary_email": frozenset({"customer_id"}),
    "tell_no_login": frozenset({"customer_id"}),
    "end_sessions": frozenset({"customer_id"}),
    "ask_for_access": frozenset({"request_id", "customer_id", "profile_id"}),
    "tell_decision": frozenset({"request_id", "profile_id"}),
    "recall_announcement": frozenset({"start", "end"}),
    "tell_old_login": frozenset({"profile_id"}),
    "tell_login_again": frozenset({"customer_id"}),
    "recall_question": frozenset({"request_id", "customer_id", "profile_id"}),
    "recall_decision": frozenset({"request_id", "profile_id"}),
}
"""The closed vocabulary of obligations, and the facts that each has."""


COUNTER_OBLIGATIONS: dict[str, str] = {
    "announce_blackout": "recall_announcement",
    "tell_new_login": "tell_old_login",
    "tell_primary_email": "tell_login_again",
    "tell_no_login": "tell_login_again",
    "ask_for_access": "recall_question",
    "tell_decision": "recall_decision",
}
"""For what people were told, what they are told if it is undone."""


@attrs.frozen(kw_only=True)
class Obligation:
    """What the caller must do outside its store.

    Attributes:
        kind: One of `OBLIGATION_FACTS`.
        whom: Towards which role.
        when: At which point of the plan.
        facts: About what.
    """

    kind: str
    whom: str
    when: str
    facts: Facts


def _sorted_ids(held: Mapping[EntityName, Iterable[str]] | Held) -> Held:
    pairs = held.items() if isinstance(held, Mapping) else held
    return tuple(sorted((name, tuple(sorted(set(ids)))) for name, ids in pairs if ids))


def _sorted_images(images: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(sorted(images, key=lambda image: (ENTITY_NAMES.index(kind_of(image).name), image.id)))


def _absorbs(edit: Edit) -> bool:
    """Return whether an edit merges a customer into another one, whatever its step is called."""
    before, after = edit.before, edit.after
    if not isinstance(after, Customer) or after.merged_into is None:
        return False
    return not isinstance(before, Customer) or before.merged_into is None


class SealMark:
    """Whether the content of a change set is what its plan id was made from, once that is known.

    One mark belongs to one content: a set shares it with its prefixes and with the same set confirmed. It is
    no field, so equality, hashing and JSON do not know of it, and a set that is evolved, copied or unpickled
    has a mark of its own.

    Attributes:
        holds: Whether the plan id fits; None until it is computed.
    """

    __slots__ = ("holds",)

    def __init__(self) -> None:
        self.holds: bool | None = None


class _Marked:
    """A place for the mark, beside the fields of a change set."""

    __slots__ = ("_mark",)
    _mark: SealMark


@attrs.frozen(repr=False, kw_only=True)
class ChangeSet(_Marked):
    """Ordered steps with guards, as plain data that can be stored, confirmed and applied elsewhere.

    Attributes:
        plan_id: SHA-256 of the set's content; a prefix and a confirmed set keep it.
        intent: What it is for.
        request: What was asked, as JSON.
        rules_digest: SHA-256 of the rules that were in force.
        at: The instant the plan is for.
        requires: Features that a reader has to know; an older one refuses the set and says so.
        blocked: Codes of the findings that block; a blocked set has no steps.
        through: How many steps are to be applied; nothing for all.
        steps: What is to be done, in order.
        undo: Whether the set may be undone although it has steps that are irreversible otherwise.
        tolerated: Ids of findings that were accepted, or stood before.
        held: For a merge, the ids of all entities that named the survivor before, by their kind: sorted pairs, an
            object in JSON.
        images: For a merge, whole entities that a later split needs and that no edit has: a survivor that keeps
            its values, and the kept record of each one that is dropped. By kind and id.
        clusters: By the id of a tolerated finding about many bookings, the ids of these: sorted pairs, an object in JSON.
            A guard that excepts the id of the finding excepts all of them, and what the set books in their place.
        ledger: Values that do not survive.
        obligations: What is to be done outside the store.
        must_be_confirmed: Whether the rules ask for a confirmation, whatever the steps are (`needs_confirmation` in
            JSON).
        confirmation: Who said yes.
        annotations: The caller's own remarks, a JSON object; never looked at.
    """

    plan_id: str = attrs.field(default="", metadata={"always_written": True})
    intent: Intent
    request: FrozenJson = attrs.field(metadata={"read_as": "object"})
    rules_digest: str
    at: pendulum.DateTime = attrs.field(converter=utc)
    requires: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    through: int | None = None
    steps: tuple[Step, ...] = attrs.field(default=(), metadata={"always_written": True})
    undo: Undo = "never"
    tolerated: tuple[str, ...] = ()
    held: Held = attrs.field(default=(), converter=_sorted_ids)
    images: tuple[Entity, ...] = attrs.field(default=(), converter=_sorted_images)
    clusters: Clusters = attrs.field(default=(), converter=sorted_clusters)
    ledger: tuple[LedgerEntry, ...] = attrs.field(default=(), metadata={"always_written": True})
    obligations: tuple[Obligation, ...] = attrs.field(default=(), metadata={"always_written": True})
    must_be_confirmed: bool = attrs.field(default=False, metadata={"written_as": "needs_confirmation"})
    confirmation: Confirmation | None = None
    annotations: FrozenJson = attrs.field(default=EMPTY_OBJECT, metadata={"read_as": "object"})

    @property
    def needs_confirmation(self) -> bool:
        """Whether a named person has to confirm the set: the rules say so, or a step needs it by its kind or its edits."""
        return self.must_be_confirmed or any(
            step.kind in CONFIRMED or any(map(_absorbs, step.edits)) for step in self.steps
        )

    @property
    def wanted_steps(self) -> tuple[Step, ...]:
        """The steps that are to be applied: all, or those of the prefix."""
        return self.steps if self.through is None else self.steps[: self.through]

    def prefix(self, n: int) -> Self:
        """Return the same set, of which only the first steps are applied; a confirmation stays valid.

        Args:
            n: How many steps; not more than this set applies.

        Raises:
            InvalidValueError: There are not so many steps.
        """
        if not 0 <= n <= len(self.wanted_steps):
            raise InvalidValueError("prefix_too_long", count=n, steps=len(self.wanted_steps))
        return _marked_alike(attrs.evolve(self, through=n), self)

    def confirm(self, *, by: str, at: datetime) -> Self:
        """Return the set with the word of a named person.

        Args:
            by: Who confirms.
            at: When; any aware datetime.

        Raises:
            ApplyRefused: The plan is blocked.
            InvalidValueError: The name has no visible character, or a control or format character; or the
                time is naive.
        """
        if self.blocked:
            raise ApplyRefused([Failure.of("blocked", codes=self.blocked)])
        if not is_visible_name(by):
            raise InvalidValueError("confirmed_by_nobody")
        confirmation = Confirmation(by=by, at=at, plan_id=self.plan_id)
        return _marked_alike(attrs.evolve(self, confirmation=confirmation), self)

    def __repr__(self) -> str:
        return f"ChangeSet({self.intent}, plan_id={self.plan_id!r}, {len(self.steps)} steps)"


SetT = TypeVar("SetT", bound=ChangeSet)


def mark_of(change_set: ChangeSet) -> SealMark:
    """Return the mark of a change set; a new one where it has none yet."""
    mark: SealMark | None = getattr(change_set, "_mark", None)
    if mark is None:
        mark = SealMark()
        object.__setattr__(change_set, "_mark", mark)  # the set is frozen, and the mark is no part of it
    return mark


def _marked_alike(other: SetT, change_set: ChangeSet) -> SetT:
    """Return a set of the same content, with the mark of the first."""
    object.__setattr__(other, "_mark", mark_of(change_set))
    return other
