"""The declaration of the fields that hold personal values, and a repr without them.

`DECLARED` names every class that is stored, planned, asked or recorded, so each new field needs a decision; a test
checks this. Fields of classes that are not declared count as personal.
"""

from __future__ import annotations

import attrs

from accountmerge.model.values import ShownValue, Value


class ShowsOnlyItsId(Value):
    """A base for values with an `id` whose other fields may be personal."""

    __slots__ = ()
    id: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r})"


@attrs.frozen(eq=False, repr=False)
class Fields(ShownValue):
    """The fields of a class.

    Attributes:
        personal: Fields that hold, or may hold, information about a person.
        plain: Ids, kinds, times, counts, words of closed vocabularies, and values of classes that are declared here.
    """

    personal: frozenset[str]
    plain: frozenset[str]


def _fields(personal: str, plain: str) -> Fields:
    return Fields(frozenset(personal.split()), frozenset(plain.split()))


DECLARED: dict[str, Fields] = {
    # entities; a record number identifies a person, and a unique key may be any text of the caller
    "Profile": _fields("email", "id practitioner_id login schedule hours unavailable succeeded_by version"),
    "Customer": _fields(
        "record_number former_record_numbers given_name family_name phones birth_date address opt_outs attributes",
        "id emails status merged_into merged_at version",
    ),
    "CustomerEmail": _fields("address", "use login_of"),
    "EmailAddress": _fields("text", ""),
    "Appointment": _fields(
        "cancel_reason",
        "id number profile_id customer_id slot time_zone modality status replaces replaced_by version",
    ),
    "Record": _fields(
        "unique_key data",
        "id kind customer_id related_customer_id profile_id attached_to created_at version",
    ),
    "Access": _fields("", "id profile_id customer_id level since version"),
    "AccessRequest": _fields(
        "reason decided_by",
        "id profile_id customer_id requested_at expires_at status decided_at version",
    ),
    "TimeSlot": _fields("", "start_us end_us"),
    "WeeklyHours": _fields("", "zone days closed"),
    "DailyHours": _fields("", "start end"),
    # requests; a reason is free text, and its code is in the reason of the step
    "MigrationRequest": _fields("new_email reason", "profile_id ticket agreement window numbers accept"),
    "MergeRequest": _fields("", "survivor absorbed actor accept authority"),
    "Authority": _fields("person role why", "ticket"),
    "NewAccessRequest": _fields("", "profile_id customer_id expires_at accept"),
    "AccessDecision": _fields("by reason", "request_id decision role accept"),
    "PrimaryEmailChange": _fields("address by reason", "customer_id action accept"),
    "CustomerEdit": _fields("changes", "customer_id accept"),
    "RebookingRequest": _fields("initials old_email new_email", "number start time_zone modality accept"),
    "Agreement": _fields("by", "at version"),
    "Acceptance": _fields("by why", "finding"),
    # rules
    "MigrationRules": _fields(
        "",
        "minutes_per_booking business_hours notice_hours old_login_days record_kinds needs_confirmation",
    ),
    "ProfileRecords": _fields("", "kind becomes"),
    "CustomerRules": _fields("", "name version staff_may_decide"),
    "MergeRules": _fields(
        "",
        "name version fields record_kinds kept_primary undo identity_fields identity_conflict login_change actor",
    ),
    "FieldRule": _fields("value", "field policy"),
    "RecordKind": _fields("", "kind one_per_customer ends"),
    # findings and plans; the remarks of a caller are free text
    "Plan": _fields("", "request rules findings change_set taken_at treated_by"),
    "MigrationPlan": _fields(
        "", "request rules findings change_set taken_at treated_by blackout successor_id rebooked"
    ),
    "RebookingPlan": _fields("", "request rules findings change_set taken_at treated_by rebooked"),
    "Finding": _fields("", "code ids severity facts accepted"),
    "ChangeSet": _fields(
        "annotations",
        "plan_id intent request rules_digest at requires blocked through steps undo tolerated held images "
        "clusters ledger obligations must_be_confirmed confirmation",
    ),
    "Step": _fields("", "ordinal kind reason guards edits"),
    "Reason": _fields("", "code facts"),
    "Guard": _fields("", "kind facts except_ids"),
    "Edit": _fields("", "before after"),
    "LedgerEntry": _fields("value", "entity id field from_id rule"),
    "Obligation": _fields("", "kind whom when facts"),
    "Confirmation": _fields("by", "at plan_id"),
    "Receipt": _fields("by", "step_id outcome written at"),
    "WrittenEntity": _fields("", "entity id store_id number version"),
}
"""By the name of each class, its personal and its other fields."""


def fields_of(cls: type) -> Fields:
    """Return the declaration of the fields of a class; without one, every field is personal."""
    for base in cls.__mro__:
        if base.__name__ in DECLARED:
            return DECLARED[base.__name__]
    return Fields(frozenset(field.name for field in attrs.fields(cls)), frozenset())
