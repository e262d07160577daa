"""Change sets, which are ordered steps with guards, a ledger and obligations."""

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
from accountmerge.model.private import privacy
from accountmerge.model.texts import IDENTIFIER, TEXT
from accountmerge.model.value_rules import argument, checked, whole_number
from accountmerge.model.values import ShownValue, Value, value_class

Clusters = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids of bookings by the id of the finding about them, both sorted."""


def sorted_clusters(clusters: Mapping[str, Iterable[str]] | Clusters) -> Clusters:
    """Return clusters sorted, without those that have no members."""
    pairs = clusters.items() if isinstance(clusters, Mapping) else clusters
    return tuple(sorted((finding, tuple(sorted(set(ids)))) for finding, ids in pairs if ids))


def members_by_cluster(clusters: Clusters, steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """Return the bookings of each cluster and their replacements in steps, by the id of the finding."""
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

ADDRESSES_LEFT = "addresses_not_whole"
"""The finding of a plan that the store has to refuse an address that is taken."""
Held = tuple[tuple[EntityName, tuple[str, ...]], ...]
"""Ids of entities by their kind, both sorted."""

FEATURES: tuple[str, ...] = (
    "clusters",
    "created_at",
    "data",
    "held",
    "images",
    "local_start",
    "made_by",
    "merged_at",
    "needs_confirmation",
    "no_other_record",
    "session_id",
    "step",
)
"""Keys that a change set may require because the first readers of its format did not know them."""

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
"""The ways to decide which value of a field survives a merge."""

LEDGER_RULES: tuple[str, ...] = (
    *FIELD_POLICIES,
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
"""The rules that can put a value into the ledger."""


@privacy(personal="by", plain="at plan_id")
@value_class(eq=False, repr=False, kw_only=True, field_transformer=checked(by=IDENTIFIER, plan_id=TEXT))
class Confirmation(Value):
    """The consent of a named person to one plan.

    Attributes:
        by: The person who confirmed.
        at: The instant of the confirmation.
        plan_id: The id of the plan; the confirmation counts for no other.
    """

    by: str
    at: pendulum.DateTime = attrs.field(converter=utc)
    plan_id: str

    def __repr__(self) -> str:
        return f"Confirmation(plan_id={self.plan_id!r})"


@privacy(personal="value", plain="entity id field from_id rule")
@value_class(eq=False, repr=False, kw_only=True)
class LedgerEntry(Value):
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
"""For each obligation about a message to people, the obligation of the message when it is undone."""


@privacy(plain="kind whom when facts step")
@value_class(eq=False, repr=False, kw_only=True)
class Obligation(ShownValue):
    """A duty of the caller outside its store.

    Attributes:
        kind: One of `OBLIGATION_FACTS`.
        whom: The role of the addressee.
        when: The point of the plan at which it is due.
        facts: The facts of the kind.
        step: The ordinal of the step that makes it due. Default: the step that follows from its kind.
    """

    kind: str
    whom: str
    when: str
    facts: Facts
    step: int | None = None


def _sorted_ids(held: Mapping[EntityName, Iterable[str]] | Held) -> Held:
    pairs = held.items() if isinstance(held, Mapping) else held
    return tuple(sorted((name, tuple(sorted(set(ids)))) for name, ids in pairs if ids))


def _sorted_images(images: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(sorted(images, key=lambda image: (ENTITY_NAMES.index(kind_of(image).name), image.id)))


def _absorbs(edit: Edit) -> bool:
    """Return whether an edit merges a customer into another one."""
    before, after = edit.before, edit.after
    if not isinstance(after, Customer) or after.merged_into is None:
        return False
    return not isinstance(before, Customer) or before.merged_into is None


class SealMark:
    """A cached result of comparing a plan id with the content of its change set.

    One mark belongs to one content, so a change set shares it with its prefixes and with its confirmed copy. It is no
    field, so equality, hashing and JSON ignore it, and a copy that is evolved or unpickled has its own mark.

    Attributes:
        holds: Whether the plan id fits; None until it is computed.
    """

    __slots__ = ("holds",)

    def __init__(self) -> None:
        self.holds: bool | None = None


class _Marked(Value):
    """A slot for the mark, beside the fields of a change set."""

    __slots__ = ("_mark",)
    _mark: SealMark


# The annotations are the caller's own text.
@privacy(
    personal="annotations",
    plain=(
        "plan_id intent request rules_digest at requires blocked through steps undo tolerated held "
        "images clusters ledger obligations must_be_confirmed confirmation"
    ),
)
@value_class(eq=False, repr=False, kw_only=True)
class ChangeSet(_Marked):
    """Ordered steps with guards, as plain data that can be stored, confirmed and applied elsewhere.

    Attributes:
        plan_id: SHA-256 of the content; a prefix and a confirmed copy keep it.
        intent: The kind of plan.
        request: The request, as JSON.
        rules_digest: SHA-256 of the rules of the plan.
        at: The instant the plan is for.
        requires: Features that a reader has to know; an older reader refuses the change set and names them.
        blocked: Codes of the findings that block; a blocked change set has no steps.
        through: The number of steps to apply. Default: all.
        steps: The steps, in order.
        undo: Whether it may be undone although it has steps that are irreversible otherwise.
        tolerated: Ids of findings that were accepted or existed before.
        held: For a merge, the sorted ids of all entities that referred to the survivor before, by kind; an object in
            JSON.
        images: For a merge, whole entities that a later split needs and that no edit has: a survivor that keeps
            its values, and the kept record of each dropped one. By kind and id.
        clusters: Sorted ids of bookings by the id of the tolerated finding about them; an object in JSON. A guard that
            excepts the finding excepts all of them and their replacements in this change set.
        ledger: Values that do not survive.
        obligations: Duties of the caller outside the store.
        must_be_confirmed: Whether the rules require a confirmation for any steps (`needs_confirmation` in JSON).
        confirmation: The consent of a named person.
        annotations: The caller's own remarks, a JSON object; never read.
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
        """Whether the rules or the steps require the confirmation of a named person."""
        return self.must_be_confirmed or any(
            step.kind in CONFIRMED or any(map(_absorbs, step.edits)) for step in self.steps
        )

    @property
    def wanted_steps(self) -> tuple[Step, ...]:
        """The steps to apply, which are all steps or those of the prefix."""
        return self.steps if self.through is None else self.steps[: self.through]

    def prefix(self, n: int) -> Self:
        """Return a copy of which only the first steps are applied; a confirmation stays valid.

        Args:
            n: The number of steps; not more than this change set applies.

        Raises:
            InvalidValueError: There are not so many steps, or `n` is no whole number.
        """
        n = argument("n", whole_number, n)
        if not 0 <= n <= len(self.wanted_steps):
            raise InvalidValueError("prefix_too_long", count=n, steps=len(self.wanted_steps))
        return _marked_alike(attrs.evolve(self, through=n), self)

    def confirm(self, *, by: str, at: datetime) -> Self:
        """Return a copy with the confirmation of a named person.

        Args:
            by: The person who confirms.
            at: The instant; any aware datetime.

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
    """Return the mark of a change set, a new one if it has none yet."""
    mark: SealMark | None = getattr(change_set, "_mark", None)
    if mark is None:
        mark = SealMark()
        object.__setattr__(
            change_set, "_mark", mark
        )  # the change set is frozen, and the mark is no part of it
    return mark


def _marked_alike(other: SetT, change_set: ChangeSet) -> SetT:
    """Return a change set of the same content after giving it the mark of the original."""
    object.__setattr__(other, "_mark", mark_of(change_set))
    return other
