"""Clusters and pairs of customers in a CSV file, as requests with what is suggested for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.cli.csv_rows import Cell, CsvFile, Row, are_filled
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.cli.problems import Problem
from accountmerge.merges.actors import suggest_actor
from accountmerge.merges.suggestions import suggest_survivor
from accountmerge.reports.many_text import MergeChoice

if TYPE_CHECKING:
    from accountmerge.cli.screens import Screen

COLUMNS = ("cluster", "customer", "left", "right", "score", "survivor", "actor")
_OF_CLUSTERS, _OF_PAIRS = ("cluster", "customer"), ("left", "right")


@attrs.define
class _Cluster:
    """The customers of a cluster, each with its cell, and the ids that the file names for it."""

    customers: dict[str, Cell] = attrs.field(factory=dict)
    survivor: Cell | None = None
    actor: Cell | None = None


def merge_choices(screen: Screen, source: str, snapshot: am.Snapshot) -> list[MergeChoice]:
    """Return a request for each cluster of a file, with suggestions for names that are absent."""
    file = CsvFile(source, COLUMNS, (_OF_CLUSTERS, _OF_PAIRS), screen.language, screen.typed_zone)
    is_pairs = set(_OF_PAIRS) <= set(file.names)
    clusters = _from_pairs(file) if is_pairs else _from_clusters(file)
    if not clusters:
        file.refuse(Problem("csv_no_rows"))
    choices = []
    with screen.progress("cli.suggesting") as on_cluster:
        for done, cluster in enumerate(clusters, start=1):
            if not is_pairs and len(cluster.customers) == 1:
                continue  # a program that finds duplicates gives a cluster to each customer
            choices.append(_choice(file, cluster, snapshot))
            on_cluster(done, len(clusters))
    file.finish()
    return [choice for choice in choices if choice is not None]


def _from_clusters(file: CsvFile) -> list[_Cluster]:
    clusters: dict[str, _Cluster] = {}
    seen: dict[str, str] = {}
    for row, reader in file.rows():
        key, id = row["cluster"], row["customer"]
        if are_filled(reader, key, id):
            reader.id(id.place, id.text)
            if seen.setdefault(id.text, key.text) != key.text:
                reader.refuse(OptionProblem("customer_in_two", option=id.place))
            cluster = clusters.setdefault(key.text, _Cluster())
            cluster.customers.setdefault(id.text, id)
            _name(cluster, row, reader)
    return list(clusters.values())


def _from_pairs(file: CsvFile) -> list[_Cluster]:
    """Return the customers that pairs connect, directly or through others."""
    of: dict[str, _Cluster] = {}
    for row, reader in file.rows():
        left, right = row["left"], row["right"]
        if not are_filled(reader, left, right):
            continue
        for id in (left, right):
            reader.id(id.place, id.text)
        if left.text == right.text:
            reader.refuse(OptionProblem("pair_of_one", option=right.place))
        one = of.setdefault(left.text, _Cluster())
        other = of.setdefault(right.text, one)
        for id in (left, right):
            one.customers.setdefault(id.text, id)
        if other is not one:
            one, other = sorted((one, other), key=lambda each: -len(each.customers))
            one.customers |= other.customers
            _agree(one, "survivor", other.survivor, reader)
            _agree(one, "actor", other.actor, reader)
            of |= dict.fromkeys(other.customers, one)
        _name(one, row, reader)
    clusters: list[_Cluster] = []
    for name, cluster in of.items():
        if name == next(iter(cluster.customers)):
            clusters.append(cluster)
    return clusters


def _name(cluster: _Cluster, row: Row, reader: OptionReader) -> None:
    """Keep the survivor and the actor that a row names."""
    for name in ("survivor", "actor"):
        named = row[name]
        if named.text:
            reader.id(named.place, named.text)
            _agree(cluster, name, named, reader)


def _agree(cluster: _Cluster, name: str, named: Cell | None, reader: OptionReader) -> None:
    before: Cell | None = getattr(cluster, name)
    if named is not None and before is not None and before.text != named.text:
        reader.refuse(OptionProblem("cell_differs", option=named.place))
    elif named is not None:
        setattr(cluster, name, named)


def _choice(file: CsvFile, cluster: _Cluster, snapshot: am.Snapshot) -> MergeChoice | None:
    """Return the request of a cluster, or None if the file names a survivor outside of it."""
    ids = sorted(cluster.customers)
    if cluster.survivor is not None and cluster.survivor.text not in cluster.customers:
        file.refuse(OptionProblem("cell_not_in_cluster", option=cluster.survivor.place))
        return None
    survivor = None if cluster.survivor else suggest_survivor(snapshot, ids)
    actor = None if cluster.actor else suggest_actor(snapshot, ids)
    stays = cluster.survivor.text if cluster.survivor else (survivor and survivor.customer_id) or ids[0]
    suggested = None if actor is None else actor.profile_id
    asks = cluster.actor.text if cluster.actor else suggested
    request = am.MergeRequest(survivor=stays, absorbed=_others(ids, stays), actor=asks)
    return MergeChoice(request, survivor, actor)


def _others(ids: Iterable[str], survivor: str) -> Iterator[str]:
    return (id for id in ids if id != survivor)
