"""The plan of a merge."""

from __future__ import annotations

from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.plans.plan import Plan


class MergePlan(Plan[MergeRequest, MergeRules]):
    """The plan of a merge of customers."""

    __slots__ = ()
