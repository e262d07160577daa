import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Plan a practitioner's move")

with app.setup:
    from datetime import datetime
    from pathlib import Path

    import marimo as mo

    import accountmerge as am
    from accountmerge import notebook

    ZONE = "Australia/Sydney"
    AT = datetime.fromisoformat("2026-03-02T09:00:00+11:00")


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # Plan a practitioner's move

    The e-mail of a profile is its username and never changes. So when Nadia's address changes, she gets a new profile
    beside the old one, and every future booking is rebooked into it. This notebook goes from the data to an approved
    plan, and then follows its progress.

    The practice is invented. `make_practice.py`, beside this notebook, makes its file.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The data

    A snapshot is the data of a practice as one value. It never changes.
    """)
    return


@app.cell
def _():
    snapshot = am.loads(Path(__file__).parent / "practice.json")
    snapshot
    return (snapshot,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    `find_faults` says what is wrong with the data already. These findings are older than the move.
    """)
    return


@app.cell
def _(snapshot):
    am.reports.cell(am.find_faults(snapshot), zone=ZONE)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A window

    While the bookings are rebooked, availability is off. These are the best times for it: the windows disturb few
    bookings, and they start in business hours.
    """)
    return


@app.cell
def _(snapshot):
    proposals = am.migrations.propose_windows(snapshot, "profile-2", earliest=AT, count=3)
    am.reports.cell(proposals, zone=ZONE)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The support team takes Wednesday morning, with an hour more than the estimate. All bookings from now on move, also
    those before the window.
    """)
    return


@app.cell
def _():
    window = am.TimeSlot(
        datetime.fromisoformat("2026-03-04T10:00:00+11:00"),
        datetime.fromisoformat("2026-03-04T13:00:00+11:00"),
    )
    window
    return (window,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The plan

    The request says who moves, to which address, why, and that the practitioner agrees. The rules say that a named
    person has to confirm the plan.
    """)
    return


@app.cell
def _(snapshot, window):
    request = am.MigrationRequest(
        profile_id="profile-2",
        new_email="nadia.haddad@example.org",
        reason="business_name_change",
        ticket="SUP-2087",
        agreement=am.Agreement(
            by="Nadia Haddad", at=datetime.fromisoformat("2026-02-20T11:15:00+11:00"), version="1"
        ),
        window=window,
    )
    rules = am.MigrationRules(needs_confirmation=True)
    plan = am.plan_migration(snapshot, request, rules=rules, at=AT)
    am.reports.cell(plan, zone=ZONE)
    return (plan,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A blocker would stop the plan. A warning does not, but a person reads it.
    """)
    return


@app.cell
def _(plan):
    am.reports.cell(plan.findings, zone=ZONE)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Before and after

    This is the week of the first booking that moves. Nothing changes for the customer: the time stays the same.
    """)
    return


@app.cell
def _(plan, snapshot):
    notebook.weeks(plan, snapshot)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Who does what, and when
    """)
    return


@app.cell
def _(plan):
    notebook.timeline(plan)
    return


@app.cell
def _(plan):
    am.reports.cell(plan.tasks, zone=ZONE)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## One booking

    A plan answers questions about a single booking.
    """)
    return


@app.cell
def _(plan):
    mo.plain_text(am.reports.explanation_text(plan.explain("appointment-305")))
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Approval

    A named person approves the plan by its id. The id is a digest of every change, so a plan that was changed after the
    approval is refused.
    """)
    return


@app.cell
def _(plan):
    approved = plan.confirm(by="Ana Duarte", at=AT)
    mo.plain_text(f"approved: {approved.plan_id}")
    return (approved,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Progress

    The support team does the work in the store, step by step. Here the first half of the steps is applied to the
    snapshot. The progress is read from the data, not from a log.
    """)
    return


@app.cell
def _(approved, plan, snapshot):
    half = am.apply(snapshot, approved.prefix(len(approved.steps) // 2))
    am.reports.cell(am.migrations.progress(half, plan), zone=ZONE)
    return (half,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Applying the approved change set again continues where it stopped. Afterwards, there is no finding that was not
    there before.
    """)
    return


@app.cell
def _(approved, half, plan, snapshot):
    moved = am.apply(half, approved)
    progress = am.migrations.progress(moved, plan)
    assert progress.is_done
    assert am.find_faults(moved) == am.find_faults(snapshot)
    am.reports.cell(progress, zone=ZONE)
    return


if __name__ == "__main__":
    app.run()
