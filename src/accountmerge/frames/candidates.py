"""Requests to merge customers that another program, or a person, has matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.engines import collected, known_frame
from accountmerge.frames.local_planning import like
from accountmerge.frames.pair_groups import groups
from accountmerge.merges.actors import ActorSuggestion, suggest_actor
from accountmerge.merges.batches import plan_merges
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion, suggest_survivor
from accountmerge.model.json_text import canonical
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.values import Displayed

_TEXTS = pl.String()
_COUNT = pl.Int64()
REQUESTS: dict[str, Any] = {
    "cluster": _TEXTS,
    "survivor": _TEXTS,
    "absorbed": pl.List(pl.String),
    "actor": _TEXTS,
    "matches": _COUNT,
    "least_score": pl.Float64(),
    "greatest_score": pl.Float64(),
    "is_ready": pl.Boolean(),
}
CUSTOMERS: dict[str, Any] = {
    "cluster": _TEXTS,
    "customer_id": _TEXTS,
    "role": _TEXTS,
    "reasons": _TEXTS,
    "appointments": _COUNT,
    "records": _COUNT,
    "description": _TEXTS,
}
MISSING_ACCESS: dict[str, Any] = {"cluster": _TEXTS, "profile_id": _TEXTS, "customer_id": _TEXTS}
CONFLICTS: dict[str, Any] = {
    "cluster": _TEXTS,
    "id": _TEXTS,
    "code": _TEXTS,
    "severity": _TEXTS,
    "is_blocking": pl.Boolean(),
    "description": _TEXTS,
    "remedy": _TEXTS,
}
LEFT_OUT: dict[str, Any] = {"row": _COUNT, "code": _TEXTS, "customer_id": _TEXTS}

_PAIRS = ("left", "right")
_CLUSTERS = ("cluster", "customer")
_SCORE = "score"


@attrs.frozen(repr=False)
class MergeCandidates(Displayed):
    """Requests to merge, with their evidence and conflicts, as frames.

    No frame has a personal value, except that ids and names of clusters are the caller's. Decisions stay with people:
    a score is no proof that two customers are one person.

    Attributes:
        requests: One row per cluster of at least two customers who can be merged: `cluster`, `survivor`, `absorbed`
            (a list), `actor` (null if no profile treats all of them), the evidence `matches` (the number of matches in
            the cluster), `least_score` and `greatest_score`, and `is_ready`: whether the plan of the request has no
            blocker. `merge_changes` takes this frame.
        customers: One row per customer of a cluster: `cluster`, `customer_id`, `role` (`survivor`, `absorbed` or
            `passed_over`), and the reasons of `merges.suggest_survivor`: `reasons` (JSON text), `appointments`,
            `records`, `description`.
        missing_access: One row per access request that is needed before a profile can ask for a merge: `cluster`,
            `profile_id`, `customer_id`. The profile is the one that lacks the fewest; null if no profile treats any
            customer of the cluster.
        conflicts: One row per finding of the plan of a request: `cluster`, `id`, `code`, `severity`, `is_blocking`,
            `description`, `remedy`.
        left_out: One row per match, or customer, that is in no request: `row` (the number of the row, from 0), `code`
            (`missing_id`, `same_customer`, `unknown_customer`) and `customer_id`, if there is one.
    """

    requests: Any
    customers: Any
    missing_access: Any
    conflicts: Any
    left_out: Any

    def __repr__(self) -> str:
        return f"MergeCandidates({len(self.requests)} requests)"


def merge_requests(
    matches: Any,
    snapshot: Snapshot,
    *,
    columns: Mapping[str, str] | None = None,
    rules: MergeRules | None = None,
    at: datetime | None = None,
    language: str = "en",
) -> MergeCandidates:
    """Return requests to merge the customers that another program has matched, with a survivor and an actor.

    Pairs are joined: if A matches B and B matches C, all three are one cluster. The survivor is that of
    `merges.suggest_survivor` and the actor that of `merges.suggest_actor`. Absorbed and disabled customers are never
    part of a request.

    Args:
        matches: A frame of pairs with the columns `left` and `right`, or of clusters with the columns `cluster` and
            `customer`; both may have the column `score`. Choose the threshold of the scores before.
        snapshot: The present data, complete for the customers.
        columns: Your names of columns with ours, such as `{"unique_id_l": "left", "unique_id_r": "right"}`.
        rules: The rules of the practice for all its merges, for the conflicts.
        at: The instant of the plans that find the conflicts. Any aware datetime. Default: when the data were read.
        language: The language of sentences, `en` or `fr`.

    Returns:
        The frames, of the library of the matches: pandas, pyarrow, or else polars. Takes time in proportion to the
        matches and to the rows that name their customers, once the snapshot is indexed.

    Raises:
        InvalidValueError: The matches are no frame or lack a column, the value is no snapshot, or `at` is naive.
    """
    require_snapshot(snapshot)
    rows = _given(matches, columns or {})
    left_out: list[dict[str, Any]] = []
    clusters = _clusters(rows, snapshot, left_out)
    found = [_Cluster.of(name, ids, snapshot) for name, ids in clusters.items()]
    asked = [cluster for cluster in found if cluster.request is not None]
    conflicts, ready = _conflicts(asked, snapshot, rules or MergeRules(), at or snapshot.taken_at, language)
    evidence = _evidence(rows, clusters)
    frames = {
        "requests": (
            REQUESTS,
            [
                {**cluster.asked(), **evidence.get(cluster.name, {}), "is_ready": cluster.name in ready}
                for cluster in asked
            ],
        ),
        "customers": (CUSTOMERS, [row for cluster in found for row in cluster.told(language)]),
        "missing_access": (MISSING_ACCESS, [row for cluster in asked for row in cluster.missing()]),
        "conflicts": (CONFLICTS, conflicts),
        "left_out": (LEFT_OUT, left_out),
    }
    return MergeCandidates(
        **{
            name: like(matches, pl.DataFrame(part, schema=schema, orient="row"))
            for name, (schema, part) in frames.items()
        }
    )


@attrs.frozen
class _Cluster:
    """Customers who may be one person."""

    name: str
    survivor: SurvivorSuggestion
    actor: ActorSuggestion
    request: MergeRequest | None

    @classmethod
    def of(cls, name: str, ids: Sequence[str], snapshot: Snapshot) -> _Cluster:
        survivor = suggest_survivor(snapshot, ids)
        possible = [one.customer_id for one in survivor.ranking]
        actor = suggest_actor(snapshot, possible)
        if len(possible) < len(_PAIRS):
            return cls(name, survivor, actor, None)
        request = MergeRequest(survivor=possible[0], absorbed=possible[1:], actor=actor.profile_id)
        return cls(name, survivor, actor, request)

    def asked(self) -> dict[str, Any]:
        request = self.request
        assert request is not None  # noqa: S101 - only clusters with a request are asked
        return {
            "cluster": self.name,
            "survivor": request.survivor,
            "absorbed": list(request.absorbed),
            "actor": request.actor,
        }

    def told(self, language: str) -> Iterator[dict[str, Any]]:
        for place, one in enumerate(self.survivor.ranking):
            in_request = self.request is not None
            role = "passed_over" if not in_request else "absorbed" if place else "survivor"
            yield self._customer(one, role, language)
        for one in self.survivor.passed_over:
            yield self._customer(one, "passed_over", language)

    def _customer(self, one: SurvivorCandidate, role: str, language: str) -> dict[str, Any]:
        return {
            "cluster": self.name,
            "customer_id": one.customer_id,
            "role": role,
            "reasons": canonical(list(one.reasons)),
            "appointments": one.facts.get("appointments"),
            "records": one.facts.get("records"),
            "description": one.describe(language),
        }

    def missing(self) -> Iterator[dict[str, Any]]:
        nearest = self.actor.ranking[0].profile_id if self.actor.ranking else None
        for id in self.actor.missing:
            yield {"cluster": self.name, "profile_id": nearest, "customer_id": id}


def _given(matches: Any, names: Mapping[str, str]) -> pl.DataFrame:
    """Return the matches with our names of columns, as text, and the numbers of their rows."""
    frame = collected(known_frame("matches", matches))
    renamed = frame.rename({theirs: ours for theirs, ours in names.items() if theirs in frame.columns})
    wanted = _PAIRS if _PAIRS[0] in renamed.columns or _PAIRS[1] in renamed.columns else _CLUSTERS
    missing = tuple(name for name in wanted if name not in renamed.columns)
    if missing == _CLUSTERS:
        raise InvalidValueError("frame_no_matches")
    if missing:
        raise InvalidValueError("frame_columns_missing", columns=missing)
    score = pl.col(_SCORE).cast(pl.Float64) if _SCORE in renamed.columns else pl.lit(None, pl.Float64)
    texts = [pl.col(name).cast(pl.String) for name in wanted]
    return renamed.select(*texts, score.alias(_SCORE)).with_row_index("row")


def _clusters(
    rows: pl.DataFrame, snapshot: Snapshot, left_out: list[dict[str, Any]]
) -> dict[str, tuple[str, ...]]:
    """Return the ids of each cluster of known customers by its name, and add what is left out."""
    is_pairs = _PAIRS[0] in rows.columns
    kept: list[tuple[str, str]] = []
    for row, first, second in rows.select("row", *(_PAIRS if is_pairs else _CLUSTERS)).iter_rows():
        ids = [id for id in ((first, second) if is_pairs else (second,)) if id is not None]
        unknown = [id for id in ids if id not in snapshot.customers]
        left_out += ({"row": row, "code": "unknown_customer", "customer_id": id} for id in unknown)
        if first is None or second is None:
            left_out.append({"row": row, "code": "missing_id", "customer_id": next(iter(ids), None)})
        elif is_pairs and first == second:
            left_out.append({"row": row, "code": "same_customer", "customer_id": first})
        elif not unknown:
            kept.append((first, second))
    if is_pairs:
        pairs = pl.DataFrame(kept, schema={"first_id": pl.String, "second_id": pl.String}, orient="row")
        named = groups(pairs).select("group", "id").iter_rows()
    else:
        named = iter(dict.fromkeys(kept))
    clusters: dict[str, list[str]] = {}
    for name, id in named:
        clusters.setdefault(name, []).append(id)
    return {name: tuple(ids) for name, ids in sorted(clusters.items()) if len(ids) > 1}


def _evidence(rows: pl.DataFrame, clusters: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """Return the number of matches of each cluster, and their least and greatest score."""
    cluster_of = {id: name for name, ids in clusters.items() for id in ids}
    if _PAIRS[0] in rows.columns:
        named = pl.col("left").replace_strict(cluster_of, default=None, return_dtype=pl.String)
        rows = rows.filter(pl.col("left") != pl.col("right")) if cluster_of else rows.clear()
        rows = rows.filter(pl.col("right").is_in(list(cluster_of)))
    else:
        named = pl.col("cluster")
    told = rows.group_by(named.alias("cluster")).agg(
        pl.len().cast(pl.Int64).alias("matches"),
        pl.col(_SCORE).min().alias("least_score"),
        pl.col(_SCORE).max().alias("greatest_score"),
    )
    return {row["cluster"]: row for row in told.to_dicts() if row["cluster"] is not None}


def _conflicts(
    clusters: Sequence[_Cluster], snapshot: Snapshot, rules: MergeRules, at: datetime, language: str
) -> tuple[list[dict[str, Any]], set[str]]:
    """Return the findings of the plans of clusters, and the names of the clusters whose plan is ready."""
    name_of = {cluster.request: cluster.name for cluster in clusters}
    batch = plan_merges(snapshot, [request for request in name_of if request is not None], rules=rules, at=at)
    conflicts, ready = [], set()
    for group in batch.groups:
        told = [(name_of[plan.request], finding) for plan in group.plans for finding in plan.findings]
        told += [(name_of[request], finding) for request in group.requests for finding in group.findings]
        ready |= {name_of[plan.request] for plan in group.plans if plan.is_ready}
        for name, finding in told:
            conflicts.append(
                {
                    "cluster": name,
                    "id": finding.id,
                    "code": finding.code,
                    "severity": finding.severity,
                    "is_blocking": finding.is_blocking,
                    "description": finding.describe(language),
                    "remedy": finding.advise(language),
                }
            )
    return conflicts, ready
