"""Steps of a change set, each with edits that are only safe together, a reason and guards."""

from __future__ import annotations

from typing import Literal, get_args

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard
from accountmerge.messages import Facts
from accountmerge.model.private import privacy
from accountmerge.model.values import ShownValue, Value, value_class

StepKind = Literal[
    "open_profile",
    "close_availability",
    "rebook",
    "hand_over_records",
    "deactivate_schedule",
    "activate_schedule",
    "link_successor",
    "transfer_emails",
    "merge_fields",
    "move_record",
    "drop_record",
    "move_booking",
    "grant_access",
    "withdraw_request",
    "repoint_absorbed",
    "retire_customers",
    "request_access",
    "decide_request",
    "change_primary",
    "edit_customer",
    "book",
    "undo_step",
]
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)

IRREVERSIBLE: frozenset[StepKind] = frozenset({"retire_customers"})
"""Steps that cannot be undone, unless the change set allows it."""

CONFIRMED: frozenset[StepKind] = IRREVERSIBLE | {"undo_step"}
"""Steps that require the confirmation of a named person."""

REASON_FACTS: dict[str, frozenset[str]] = {
    "login_changes": frozenset({"profile_id", "reason"}),
    "profile_waits": frozenset({"profile_id"}),
    "blackout": frozenset({"start", "end"}),
    "future_booking": frozenset({"appointment_id", "start"}),
    "rebooking_unfinished": frozenset({"appointment_id", "start"}),
    "records_declared": frozenset({"profile_id", "successor_id"}),
    "nothing_left": frozenset({"profile_id"}),
    "only_active_schedule": frozenset({"profile_id"}),
    "succession": frozenset({"profile_id", "successor_id"}),
    # of a merge
    "addresses_move": frozenset({"survivor_id", "absorbed_ids"}),
    "fields_move": frozenset({"survivor_id", "absorbed_ids", "rules"}),
    "names_absorbed": frozenset({"id", "absorbed_ids", "survivor_id"}),
    "duplicate_of": frozenset({"id", "kept_id"}),
    "between_merged": frozenset({"id", "survivor_id"}),
    "ends_with_customer": frozenset({"id", "customer_id"}),
    "access_moves": frozenset({"profile_id", "survivor_id"}),
    "request_overtaken": frozenset({"request_id", "survivor_id"}),
    "absorbed_before": frozenset({"customer_id", "survivor_id"}),
    "merged": frozenset({"survivor_id", "absorbed_ids"}),
    # of a small plan
    "access_asked": frozenset({"profile_id", "customer_id"}),
    "access_decided": frozenset({"request_id", "decision"}),
    "primary_asked": frozenset({"customer_id", "action"}),
    "edit_asked": frozenset({"customer_id", "fields"}),
    # of a rebooking request
    "rebooking_asked": frozenset({"appointment_id", "start"}),
    "next_session": frozenset({"appointment_id", "start"}),
    # of an undo
    "undone": frozenset({"ordinal", "kind"}),
}
"""The closed vocabulary of reasons, and the facts that each has."""


@privacy(plain="code facts")
@value_class(eq=False, repr=False)
class Reason(ShownValue):
    """The reason for a step.

    Attributes:
        code: One of `REASON_FACTS`.
        facts: The facts of the code.
    """

    code: str
    facts: Facts


@privacy(plain="ordinal kind reason guards edits")
@value_class(eq=False, repr=False)
class Step(Value):
    """Edits that are only safe together.

    Attributes:
        ordinal: Its place in the change set, from 1.
        kind: The kind of step.
        reason: The reason for it.
        guards: The conditions that must hold when it is applied.
        edits: The edits; a caller writes all of them in one transaction if its store can.
    """

    ordinal: int
    kind: StepKind
    reason: Reason
    guards: tuple[Guard, ...]
    edits: tuple[Edit, ...]

    def __repr__(self) -> str:
        counts = f"{len(self.edits)} edits, {len(self.guards)} guards"
        return f"Step({self.ordinal}, {self.kind!r}, {self.reason.code!r}, {counts})"
