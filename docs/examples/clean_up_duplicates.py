import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Clean up duplicate customers")

with app.setup:
    import csv
    from collections import Counter
    from datetime import UTC, date, datetime
    from pathlib import Path

    import marimo as mo

    import accountmerge as am
    from accountmerge import notebook

    DATA = Path(__file__).parent / "data"
    AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # Clean up duplicate customers

    A practice has 1,000 customers, and many of them are one person. Another program has compared them and gives
    pairs. This notebook makes merge requests of the pairs, plans them all at once, and says what is left and why.

    The data are invented: [fake_1000](https://github.com/moj-analytical-services/splink_datasets), under the MIT
    licence. The pairs are made by `make_pairs.py`, beside this notebook.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The customers

    Each row of the file is a customer, and the e-mail is a login. Customers from London are treated by one
    practitioner, customers from elsewhere by another one, and customers without a city by both.
    """)
    return


@app.function
def customer(row: dict[str, str]) -> am.Customer:
    """Return the customer of a row; an empty text is an absent value."""
    emails = [am.CustomerEmail(row["email"], "primary")] if row["email"] else []
    return am.Customer(
        id=row["unique_id"],
        record_number=row["unique_id"],
        given_name=row["first_name"] or None,
        family_name=row["surname"] or None,
        birth_date=date.fromisoformat(row["dob"]) if row["dob"] else None,
        address=row["city"] or None,
        emails=emails,
        status="active",
    )


@app.function
def treating(row: dict[str, str]) -> list[str]:
    """Return the profiles that treat the customer of a row."""
    if not row["city"]:
        return ["profile-1", "profile-2"]
    return ["profile-1" if row["city"] == "London" else "profile-2"]


@app.cell
def _():
    with (DATA / "fake_1000.csv").open(encoding="utf-8", newline="") as people:
        rows = list(csv.DictReader(people))

    profiles = [
        am.Profile(
            id=name, practitioner_id=name, email=f"{name}@example.org", login="enabled", schedule="active"
        )
        for name in ("profile-1", "profile-2")
    ]
    access = [
        am.Access(
            id=f"{name}-{row['unique_id']}", profile_id=name, customer_id=row["unique_id"], level="treating"
        )
        for row in rows
        for name in treating(row)
    ]
    snapshot = am.Snapshot(AT, profiles=profiles, customers=[customer(row) for row in rows], access=access)
    snapshot
    return access, profiles, rows, snapshot


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The pairs

    A score is no proof. Pairs with a score of 0.9 or more are taken here, and people look at the rest.
    """)
    return


@app.cell
def _():
    with (DATA / "fake_1000_pairs.csv").open(encoding="utf-8", newline="") as found:
        pairs = [(pair["left"], pair["right"], float(pair["score"])) for pair in csv.DictReader(found)]

    sure = [(left, right) for left, right, score in pairs if score >= 0.9]
    mo.plain_text(f"pairs: {len(pairs)}, sure: {len(sure)}")
    return (sure,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Customers that pairs connect, directly or through others, are one cluster.
    """)
    return


@app.function
def clusters_of(pairs: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the ids that pairs connect, each cluster sorted, the lowest id first."""
    cluster: dict[str, list[str]] = {}
    for left, right in pairs:
        one, other = cluster.setdefault(left, [left]), cluster.setdefault(right, [right])
        if one is not other:
            one += other
            cluster |= dict.fromkeys(other, one)
    return sorted({tuple(sorted(members)) for members in cluster.values()})


@app.cell
def _(sure):
    clusters = clusters_of(sure)
    sizes = Counter(len(cluster) for cluster in clusters)
    mo.plain_text("\n".join(f"{count:4} clusters of {size}" for size, count in sorted(sizes.items())))
    return (clusters,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Conflicts

    The e-mail is a login, and a person has one login. So a merge is refused while several customers have different
    logins, unless the rules say which one to keep.
    """)
    return


@app.cell
def _(clusters, snapshot):
    conflicts = [am.find_primary_email_conflicts(snapshot, cluster) for cluster in clusters]
    mo.plain_text(f"clusters with several logins: {sum(map(bool, conflicts))} of {len(clusters)}")
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    This practice keeps the login of the survivor. The other addresses become former ones: they do not sign in, and
    they still find the customer.
    """)
    return


@app.cell
def _():
    rules = am.MergeRules(kept_primary="survivor")
    return (rules,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Survivors and actors

    `suggest_survivor` says which customer to keep, and why. `suggest_actor` says which profile may ask for the merge:
    it must treat all of them. Only a request decides.
    """)
    return


@app.cell
def _(clusters, snapshot):
    mo.plain_text(
        "\n".join(
            (
                am.merges.suggest_survivor(snapshot, clusters[0]).describe(),
                am.merges.suggest_actor(snapshot, clusters[0]).describe(),
            )
        )
    )
    return


@app.function
def request(snapshot: am.Snapshot, cluster: tuple[str, ...]) -> am.MergeRequest:
    """Return the suggested request to merge the customers of a cluster."""
    survivor = am.merges.suggest_survivor(snapshot, cluster).customer_id
    actor = am.merges.suggest_actor(snapshot, cluster).profile_id
    return am.MergeRequest(survivor=survivor, absorbed=[id for id in cluster if id != survivor], actor=actor)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The batch

    `plan_merges` plans all requests at once. Nothing is written: the batch is a value.
    """)
    return


@app.cell
def _(clusters, rules, snapshot):
    batch = am.merges.plan_merges(
        snapshot, [request(snapshot, cluster) for cluster in clusters], rules=rules, at=AT
    )
    batch
    return (batch,)


@app.cell
def _(batch):
    notebook.merge_outcome(batch)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What is left, and why

    Blocked plans have no steps. Each one has findings with a code and a remedy. They are counted here by code, with
    one remedy of each.
    """)
    return


@app.cell
def _(batch):
    blockers = [finding for plan in batch.plans for finding in plan.blockers]
    remedies = {finding.code: finding.advise() for finding in reversed(blockers)}
    counts = Counter(finding.code for finding in blockers)
    mo.plain_text("\n".join(f"{count:4} {code}: {remedies[code]}" for code, count in counts.most_common()))
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Ready plans may have warnings. A person reads them before the plan is confirmed.
    """)
    return


@app.cell
def _(batch):
    warned = Counter(finding.code for plan in batch.plans if plan.is_ready for finding in plan.warnings)
    mo.plain_text("\n".join(f"{count:4} {code}" for code, count in warned.most_common()))
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## One merge

    This is the largest merge that is ready. The picture shows where the data of each customer end.
    """)
    return


@app.cell
def _(batch):
    largest = max(
        (plan for plan in batch.plans if plan.is_ready),
        key=lambda plan: (len(plan.request.absorbed), plan.plan_id),
    )
    notebook.merge_outcome(largest)
    return (largest,)


@app.cell
def _(largest):
    mo.plain_text(largest.summary())
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The access that is missing

    A blocked plan needs an actor. The customers approve what `suggest_actor` names as missing; here, they all do. Then
    the same clusters are planned again.
    """)
    return


@app.cell
def _(access, batch, clusters, profiles, rules, snapshot):
    suggestions = [am.merges.suggest_actor(snapshot, group.customer_ids) for group in batch.blocked]
    approved = [
        am.Access(
            id=f"{suggested.ranking[0].profile_id}-{id}",
            profile_id=suggested.ranking[0].profile_id,
            customer_id=id,
            level="treating",
        )
        for suggested in suggestions
        for id in suggested.missing
    ]
    complete = am.Snapshot(AT, profiles=profiles, customers=snapshot.customers, access=[*access, *approved])
    later = am.merges.plan_merges(
        complete, [request(complete, cluster) for cluster in clusters], rules=rules, at=AT
    )
    mo.plain_text(f"access approved: {len(approved)}, then: {later}")
    return complete, later


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Confirm and apply

    A merge cannot be undone, so a named person confirms each change set. Here the change sets are applied to the
    snapshot. A real store applies them to its own rows.
    """)
    return


@app.cell
def _(complete, later):
    merged = complete
    for ready in later.plans:
        merged = am.apply(merged, ready.confirm(by="Ana Duarte", at=AT))
    active = sum(row.status == "active" for row in merged.customers)
    mo.plain_text(f"customers that are active: {len(complete.customers)} before, {active} after")
    return active, merged


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Was it right?

    The file has the truth in the column `cluster`, which was not read until here.
    """)
    return


@app.cell
def _(merged, rows):
    truth = {row["unique_id"]: row["cluster"] for row in rows}
    wrong = [
        row.id for row in merged.customers if row.merged_into and truth[row.id] != truth[row.merged_into]
    ]
    persons = len(set(truth.values()))
    mo.plain_text(f"merged with another person: {len(wrong)}, persons in the file: {persons}")
    return (wrong,)


@app.cell(hide_code=True)
def _(active, later, wrong):
    assert later.is_ready
    assert active == 1000 - sum(len(plan.request.absorbed) for plan in later.plans)
    assert not wrong
    mo.md(r"""
    The rest of the duplicates have scores below 0.9. People decide about them.
    """)
    return


if __name__ == "__main__":
    app.run()
