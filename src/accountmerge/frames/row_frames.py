"""The function that returns any result of the library as a flat frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import polars as pl

from accountmerge.changes.appliers import Applied
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.differences import Rebase, StepDifference
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.resuming import EditProgress, Resumption
from accountmerge.changes.step_checks import StepCheck
from accountmerge.changes.steps import Step
from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.frames.course_rows import COURSE_ROWS
from accountmerge.frames.finding_rows import FINDING_ROWS
from accountmerge.frames.plan_rows import PLAN_ROWS
from accountmerge.frames.progress_rows import PROGRESS_ROWS
from accountmerge.frames.row_columns import DATA_TYPES, Asked, Line, RowKind, known_zone
from accountmerge.frames.snapshot_tables import frame_of
from accountmerge.frames.view_rows import VIEW_ROWS
from accountmerge.merges.actors import ActorCandidate, ActorSuggestion
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.timeline import Phase, Timeline
from accountmerge.migrations.tracking import BookingProgress, MigrationProgress
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KIND_OF_CLASS, Entity
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.tables import Table
from accountmerge.model.texts import plain_text
from accountmerge.model.value_rules import TRUTH, argument
from accountmerge.plans.explanations import Cause, Explanation
from accountmerge.plans.plan import Plan
from accountmerge.rebooking.messages import Question, RebookingReading
from accountmerge.views.profile_views import ProfileHistory
from accountmerge.views.visibility import ProfileView, Visibility

ROW_KINDS: dict[type, RowKind] = {
    kind.cls: kind for kind in (*FINDING_ROWS, *PLAN_ROWS, *PROGRESS_ROWS, *COURSE_ROWS, *VIEW_ROWS)
}
"""The rows of each class of result. A class without an entry in `FIRST_ROWS` becomes a row itself."""

FIRST_ROWS: dict[type, type] = {
    Plan: Step,
    ChangeSet: Step,
    Timeline: Phase,
    MigrationCohort: CohortMember,
    MergeBatch: MergeGroup,
    MigrationProgress: BookingProgress,
    Resumption: EditProgress,
    Rebase: StepDifference,
    Explanation: Cause,
    SurvivorSuggestion: SurvivorCandidate,
    ActorSuggestion: ActorCandidate,
    RebookingReading: Question,
    StepCheck: Failure,
    ApplyRefused: Failure,
    LoadError: Fault,
    Applied: Applied,
    Visibility: Visibility,
    ProfileView: Visibility,
    ProfileHistory: Appointment,
    Snapshot: Snapshot,
}
"""The class of the rows of a result that contains others, if a caller names none."""

_HELD: dict[type, dict[type, Callable[[Any], Iterable[Entity]]]] = {
    Appointment: {ProfileHistory: attrgetter("appointments"), ProfileView: attrgetter("quick_view")},
    Record: {ProfileHistory: attrgetter("records")},
    Customer: {ProfileView: attrgetter("customers")},
}
"""By class of entity, the results other than snapshots that contain such entities."""

_RESULTS = frozenset((*FIRST_ROWS, *ROW_KINDS, *KIND_OF_CLASS))
"""The classes of results. Their subclasses count, too."""


def rows(
    x: object,
    *,
    of: type | None = None,
    values: bool = False,
    zone: str | None = None,
    language: str = "en",
) -> pl.DataFrame:
    """Return a result of the library as a flat polars frame with documented columns.

    The page on the columns of frames (docs/frame-columns.md) has a table for each class of row. Instants are in UTC, to
    the microsecond. Numbers of things are whole numbers. Lists and objects are JSON text. An absent value is null.

    Args:
        x: A result, several results of one class, or a table of a snapshot. Several results that contain rows, such as
            plans, become one frame.
        of: The class of the rows, such as `am.Finding` for the findings of a plan. An empty collection has no class, so
            name it for every collection that may be empty. Default: the steps of a plan, the members of a cohort, and
            so on; the page has a table.
        values: Whether columns with personal values are included. Default: they are left out.
        zone: The zone of all columns of instants, an IANA name. The instants stay the same. Default: UTC.
        language: The language of sentences, `en` or `fr`.

    Returns:
        A frame with one row for each value, in the order of the result. An entity of a snapshot is in the order of the
        ids. The columns and their types depend on the arguments `of`, `values` and `zone`, never on the rows.

    Raises:
        InvalidValueError: The value is no result, it has no such rows, a collection is empty and `of` is missing, or
            `zone` is unknown, or an argument is of the wrong type. The error lists the classes that are allowed.

    Takes time in proportion to the rows.
    """
    argument("values", TRUTH.check, values)
    asked = Asked(values, argument("language", plain_text, language), known_zone(zone))
    if isinstance(x, Table):
        of = of or x.row_class
        x = x.sorted()
    results = list(_results(x))
    wanted = _row_class(results) if of is None else _checked_row_class(of)
    readers = {cls: _reader(cls, wanted) for cls in dict.fromkeys(map(type, results))}
    found = list(chain.from_iterable(readers[type(result)](result) for result in results))
    if wanted in KIND_OF_CLASS:
        return _entity_frame(wanted, found, asked)
    return ROW_KINDS[wanted].frame(found, asked)


def _results(x: object) -> Iterable[Any]:
    """Return the values of a collection, or the one result."""
    if _result_class(type(x)) is not None:
        return (x,)
    if isinstance(x, str | bytes | bytearray | Mapping) or not isinstance(x, Iterable):
        raise _unknown(type(x))
    return x


def _result_class(cls: type) -> type | None:
    """Return the class of results to which a class belongs, or None."""
    return next((base for base in cls.__mro__ if base in _RESULTS), None)


def _row_class(results: Sequence[object]) -> type:
    """Return the class of the rows of results, if a caller names none."""
    wanted: dict[type, None] = {}
    for cls in dict.fromkeys(map(type, results)):
        known = _result_class(cls)
        if known is None:
            raise _unknown(cls)
        wanted[FIRST_ROWS.get(known, known)] = None
    if not wanted:
        raise InvalidValueError("frame_empty", allowed=_names(_row_classes()))
    if len(wanted) > 1:
        raise InvalidValueError("frame_mixed", found=_names(wanted))
    return next(iter(wanted))


def _checked_row_class(of: object) -> type:
    known = _result_class(of) if isinstance(of, type) else None
    if known not in ROW_KINDS and known not in KIND_OF_CLASS:
        name = getattr(of, "__name__", type(of).__name__)
        raise InvalidValueError("frame_result", field="of", type=name, allowed=_names(_row_classes()))
    assert known is not None  # noqa: S101 - no table has None
    return known


def _row_classes() -> list[type]:
    return [*ROW_KINDS, *KIND_OF_CLASS]


def containers_of(wanted: type) -> dict[type, Callable[[Any], Iterable[Any]]]:
    """Return the functions that take rows of a class from other results, by the class of the result."""
    if wanted not in KIND_OF_CLASS:
        return dict(ROW_KINDS[wanted].parts)
    name = KIND_OF_CLASS[wanted].collection
    return {Snapshot: lambda snapshot: snapshot.table(name).sorted(), **_HELD.get(wanted, {})}


def _reader(cls: type, wanted: type) -> Callable[[Any], Iterable[Any]]:
    """Return the function that takes the lines, or the entities, of a class from a result.

    Raises:
        InvalidValueError: The result has none.
    """
    containers = containers_of(wanted)
    for base in cls.__mro__:
        if base in containers:
            return containers[base]
    if wanted in cls.__mro__:
        return (lambda entity: (entity,)) if wanted in KIND_OF_CLASS else (lambda value: (Line(value),))
    if _result_class(cls) is None:
        raise _unknown(cls)
    allowed = [known for known in _row_classes() if containers_of(known).keys() & {*cls.__mro__}]
    raise InvalidValueError(
        "frame_of", type=cls.__name__, asked=wanted.__name__, allowed=_names(allowed or [cls])
    )


def _entity_frame(cls: type, entities: Iterable[Entity], asked: Asked) -> pl.DataFrame:
    frame = frame_of(KIND_OF_CLASS[cls].collection, entities, values=asked.values)
    if asked.zone is None:
        return frame
    return frame.with_columns(pl.col(DATA_TYPES["instant"]).dt.convert_time_zone(asked.zone))


def _unknown(cls: type) -> InvalidValueError:
    return InvalidValueError("frame_result", field="x", type=cls.__name__, allowed=_names(_RESULTS))


def _names(classes: Iterable[type]) -> tuple[str, ...]:
    return tuple(sorted(cls.__name__ for cls in classes))
