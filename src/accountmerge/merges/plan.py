"""The plan of a merge."""

from __future__ import annotations

from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.plans.plan import Plan


class MergePlan(Plan[MergeRequest, MergeRules]):
    """A merge of customers, decided and not yet done."""

    __slots__ = ()
