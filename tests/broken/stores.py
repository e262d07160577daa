"""Broken stores: each has one plausible mistake, and the law of the kit that has to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.reference.stores import ReferenceStore
from broken import answers, asking, comparing, durability, guards, owning, transactions, writing

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(kw_only=True)
class BrokenStore:
    """A store with one mistake.

    Attributes:
        name: What it is called.
        factory: Makes one; it can be imported and pickled.
        law: The first law that it breaks, which the kit has to name.
        capabilities: What it promises.
    """

    name: str
    factory: Callable[[], ReferenceStore]
    law: str
    capabilities: Capabilities

    @property
    def mistake(self) -> str:
        """The mistake, as who made it would tell it."""
        return (self.factory.__doc__ or "").strip()


_FOUND_BY: dict[str, tuple[type[ReferenceStore], ...]] = {
    "seeded_data_are_read_back_whole": (
        writing.StoresIdsWithoutCase,
        writing.StoresNoTimeZones,
        writing.StoresPhonesInOrder,
        writing.StoresSmallLetters,
    ),
    "applying_does_what_the_set_says": (
        answers.SaysAlready,
        asking.AsksOfTheFirstData,
        asking.IgnoresExceptions,
        guards.TakesTouchingForOverlapping,
        owning.CountsVersionsPerTable,
        owning.IgnoresNumbersGivenAhead,
        transactions.GoesBackwards,
        transactions.SortsByKind,
        writing.EmptiesNothing,
        writing.ForgetsAttributes,
        writing.ForgetsCancelReasons,
        writing.ForgetsFormerNumbers,
        writing.ForgetsLinks,
        writing.ForgetsOptOuts,
        writing.ForgetsUnavailableTimes,
        writing.ForgetsWhoseLogin,
        writing.RemovesNothing,
        writing.TakesFalseForNothing,
        writing.TakesZeroForFalse,
        writing.WritesIdsWithoutCase,
        writing.WritesNoAccessRequests,
    ),
    "preflight_says_what_stands_against_a_set_and_writes_nothing": (
        answers.PreflightSaysYes,
        answers.PreflightWrites,
        comparing.ComparesOnlyWhatItChanges,
        comparing.RemovesUnseen,
        writing.AddsPhones,
    ),
    "what_is_done_is_left_alone": (
        answers.SaysApplied,
        asking.AsksOfWhatIsDone,
        durability.NeverStores,
    ),
    "prefixes_add_up": (answers.IgnoresThePrefix,),
    "a_set_nobody_said_yes_to_is_refused": (
        answers.AppliesWhatIsBlocked,
        answers.IgnoresTheConfirmation,
        answers.PreflightAsksNoPerson,
        answers.TakesAnyConfirmation,
    ),
    "the_store_keeps_its_own_values": (
        owning.CountsNumbersInMemory,
        owning.CountsVersionsInMemory,
        owning.GivesNumbersAgain,
        owning.HandsNumbersOn,
        owning.LosesNumbers,
        owning.RenumbersBookings,
        owning.SavesWhatItRead,
        owning.WritesVersionsOfThePlan,
    ),
    "a_crash_leaves_no_trace": (
        durability.MarksAfterwards,
        durability.MarksAllFirst,
        durability.MarksFirst,
        transactions.ClaimsBeforeItReleases,
        transactions.GivesUpBeforeItTakes,
    ),
    "a_step_is_whole_or_nothing": (
        durability.SaysCommittedTooEarly,
        durability.StoresAtTheEnd,
        transactions.ActivatesEarly,
        transactions.CommitsEveryEdit,
    ),
    "a_set_is_whole_or_nothing": (
        transactions.CommitsTheStepsOfASet,
        transactions.KeepsWhatCameBefore,
    ),
    "a_foreign_write_is_never_overwritten": (
        answers.GoesOnAfterDrift,
        answers.SwallowsDrift,
        comparing.ComparesAtTheStart,
        comparing.ComparesThenWrites,
        comparing.InsertsOrReplaces,
        comparing.TakesGoneForRemoved,
        comparing.WritesBlindly,
        transactions.WritesWholeTables,
    ),
    "a_version_that_a_guard_names_is_compared": (
        comparing.IgnoresVersions,
        comparing.IgnoresWhatWasOnlyRead,
    ),
    "what_appears_meanwhile_is_seen": (
        asking.AsksAtTheStart,
        asking.AsksNothing,
        asking.AsksThenWrites,
        comparing.ComparesOnlyAtItsOwnStep,
        guards.ComparesAddressesAsWritten,
        guards.ForgetsAccessRequests,
        guards.ForgetsFormerLogins,
        guards.ForgetsTheCustomersDay,
        guards.ForgetsTheLogin,
        guards.IgnoresAccess,
        guards.IgnoresAddresses,
        guards.IgnoresLateBookings,
        guards.IgnoresLateRecords,
        guards.IgnoresLikeRecords,
        guards.IgnoresNumbers,
        guards.IgnoresReferences,
        guards.IgnoresSchedules,
        guards.IgnoresSlots,
        guards.LooksAtOpenBookingsOnly,
        guards.LooksForBookedOnly,
        guards.LooksForAttachedRecordsOnly,
        guards.LooksIntoOneProfile,
        guards.RemovesWhatOthersReferTo,
        guards.TakesAnyAccess,
    ),
    "a_late_set_cancels_nothing_that_has_begun": (
        asking.AsksThePlanForTheTime,
        guards.IgnoresTheClock,
    ),
    "a_set_delivered_again_or_late_changes_nothing_more": (comparing.TrustsItsJournal,),
    "two_appliers_are_one": (transactions.AppliesTwice,),
}

_PROMISES: dict[type[ReferenceStore], Capabilities] = {
    transactions.ClaimsBeforeItReleases: Capabilities(atomic_step=False),
    transactions.GivesUpBeforeItTakes: Capabilities(atomic_step=False),
    transactions.CommitsTheStepsOfASet: Capabilities(atomic_set=True),
    transactions.KeepsWhatCameBefore: Capabilities(atomic_set=True),
}
"""What is promised by those that do not promise what the reference store does."""


def _broken_stores() -> Iterator[BrokenStore]:
    for law, classes in _FOUND_BY.items():
        for made in classes:
            promised = _PROMISES.get(made, Capabilities())
            yield BrokenStore(name=made.__name__, factory=made, law=law, capabilities=promised)


BROKEN_STORES: tuple[BrokenStore, ...] = tuple(_broken_stores())
"""All of them, in the order in which the laws are tried that find them."""
