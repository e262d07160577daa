"""The conformance kit, which verifies a store that applies change sets, law by law.

Start with `verify_store`; `StoreAdapter` is the interface that it needs.
"""

from accountmerge.testing.adapters import (
    OUTCOMES,
    AsyncStoreAdapter,
    Busy,
    CannotHold,
    Crash,
    ForeignWrite,
    Outcome,
    Reach,
    StoreAdapter,
)
from accountmerge.testing.conformance.capabilities import Answer, Capabilities, KnownBroken
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.machines import StoreMachine
from accountmerge.testing.conformance.profiles import DEFAULT_PROFILE, LEVELS, PROFILES, Level, Profile
from accountmerge.testing.conformance.reports import STATUSES, Failure, LawResult, Report, Status
from accountmerge.testing.conformance.store_test_class import StoreLaws
from accountmerge.testing.conformance.verifying import try_law, verify_store

__all__ = [
    "DEFAULT_PROFILE",
    "LEVELS",
    "OUTCOMES",
    "PROFILES",
    "STATUSES",
    "Answer",
    "AsyncStoreAdapter",
    "Busy",
    "CannotHold",
    "Capabilities",
    "Crash",
    "Failure",
    "ForeignWrite",
    "KnownBroken",
    "LawBroken",
    "LawResult",
    "Level",
    "Outcome",
    "Profile",
    "Reach",
    "Report",
    "Status",
    "StoreAdapter",
    "StoreLaws",
    "StoreMachine",
    "try_law",
    "verify_store",
]
