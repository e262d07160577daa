"""Claims of mailboxes in frames: those of objects, in every engine; no address comes out."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge import frames
from accountmerge.frames import mailbox_claims
from accountmerge.model.emails import mailbox_of
from accountmerge.testing.strategies import snapshots
from frames_of_snapshots import ENGINES, in_polars
from strategies import colliding_snapshots

PLAIN_ENGINES = [name for name in ENGINES if " with " not in name and " zone" not in name]


def customers_of(snapshot: am.Snapshot) -> pl.DataFrame:
    """Return ids and e-mails, the e-mails as JSON text; None for a customer without any."""
    texts = [
        json.dumps(
            [
                {"address": email.address.text, "use": email.use}
                | ({} if email.login_of is None else {"login_of": email.login_of})
                for email in row.emails
            ]
        )
        if row.emails
        else None
        for row in snapshot.customers
    ]
    ids = [row.id for row in snapshot.customers]
    return pl.DataFrame({"id": ids, "emails": texts}, schema={"id": pl.String, "emails": pl.String})


def nested(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the same with lists of structs."""
    fields = pl.Struct({"address": pl.String, "use": pl.String, "login_of": pl.String})
    lists = [None if text is None else json.loads(text) for text in frame["emails"]]
    return frame.with_columns(emails=pl.Series(lists, dtype=pl.List(fields), strict=False))


def grouped(frame: Any, holder: str) -> list[tuple[str, ...]]:
    """Return the holders of each conflict, in the order of their numbers."""
    rows = in_polars(frame)
    conflicts = rows.group_by("conflict").agg(pl.col(holder).sort()).sort("conflict")
    assert conflicts["conflict"].to_list() == list(range(len(conflicts)))
    return [tuple(ids) for ids in conflicts[holder]]


@pytest.mark.parametrize("engine", PLAIN_ENGINES)
@settings(max_examples=10)
@given(data=st.one_of(snapshots(), colliding_snapshots()))
def test_every_engine_finds_the_conflicts_and_claims_of_objects(engine: str, data: am.Snapshot) -> None:
    plain = customers_of(data)
    expected = [conflict.customer_ids for conflict in am.find_primary_email_conflicts(data)]
    faults = [fault for fault in am.find_faults(data) if fault.code == "email_claimed_twice"]
    claims = {
        kind: sorted(
            tuple(fault.facts["holder_ids"])  # type: ignore[arg-type]
            for fault in faults
            if fault.facts["kind"] == kind
        )
        for kind in ("customer", "profile")
    }
    event(f"conflicts: {min(len(expected), 2)}, claims: {min(len(faults), 2)}")
    for frame in (ENGINES[engine](plain), ENGINES[engine](nested(plain))):
        found = frames.primary_email_conflicts(frame)
        assert grouped(found.rows, "customer_id") == expected
        assert found.bad_counts == {}
        assert grouped(frames.claimed_twice(frame).rows, "holder_id") == claims["customer"]
    profiles = pl.DataFrame(
        [(row.id, row.email.text) for row in data.profiles],
        schema={"id": pl.String, "email": pl.String},
        orient="row",
    )
    found = frames.claimed_twice(ENGINES[engine](profiles), "profile")
    assert grouped(found.rows, "holder_id") == claims["profile"]
    assert set(in_polars(found.rows)["kind"]) <= {"profile"}


@given(data=st.one_of(snapshots(), colliding_snapshots()))
def test_an_intended_merge_conflicts_as_on_objects(data: am.Snapshot) -> None:
    ids = sorted(row.id for row in data.customers)
    merges = pl.DataFrame({"id": ids, "group": ["one" if n < 2 else "two" for n in range(len(ids))]})
    found = frames.primary_email_conflicts(customers_of(data), groups=merges).rows
    for name in ("one", "two"):
        group = merges.filter(group=name)["id"].to_list()
        expected = [conflict.customer_ids for conflict in am.find_primary_email_conflicts(data, group)]
        rows = found.filter(group=name)["customer_id"].to_list()
        assert ([tuple(rows)] if rows else []) == expected


ADDRESSES = st.one_of(
    st.sampled_from(
        (" Ann@Example.COM ", "a b@c", "@", "a@", "É@exa\u0301mple.com", "x@\u0130.com", "a\x1f@b", "ﬀ@x")
    ),
    st.text(st.sampled_from("aA@. \x1f\u0130é\u0301~!?"), max_size=8),
    st.builds(lambda local, domain: f"{local}@{domain}", st.text(max_size=4), st.text(max_size=4)),
    st.just("L" * 321 + "@X.com"),
)


@given(st.lists(ADDRESSES.filter(lambda text: text.isprintable() or "\x1f" in text), max_size=6))
def test_mailboxes_of_a_column_are_those_of_addresses(texts: list[str]) -> None:
    claims = pl.DataFrame({"address": pl.Series(texts, dtype=pl.String)})
    assert mailbox_claims._with_mailboxes(claims)["mailbox"].to_list() == [mailbox_of(text) for text in texts]


BAD_EMAILS = (
    "{}[",
    "7",
    "[7]",
    '[{"use": "primary"}]',
    '[{"address": "a@x", "use": "main"}]',
    '[{"address": 7, "use": "primary"}]',
)


def test_a_row_that_cannot_be_read_comes_back_with_its_place_and_no_address() -> None:
    good = '[{"address": "ann@example.com", "use": "primary"}]'
    given = pl.DataFrame({"id": ["A", "B", None, *"cdefgh"], "emails": [good, good, good, *BAD_EMAILS]})
    found = frames.primary_email_conflicts(given)
    assert found.rows.rows() == [(0, "A"), (0, "B")]
    assert found.bad["row"].to_list() == list(range(2, 9))
    assert found.bad["id"].to_list() == [None, *"cdefgh"]
    assert found.bad_counts == {"id_missing": 1, "emails_unreadable": 6}
    assert "ann" not in repr(found) + str(found.rows) + str(found.bad)
    found = frames.claimed_twice(
        pl.DataFrame({"id": ["P1", "P2", None], "email": ["a@x", None, "a@x"]}), "profile"
    )
    assert found.bad_counts == {"id_missing": 1, "email_missing": 1}
    assert found.rows.is_empty()


def test_empty_frames_have_no_claims() -> None:
    empty = pl.DataFrame({"id": [], "emails": []}, schema={"id": pl.String, "emails": pl.String})
    assert frames.primary_email_conflicts(empty).rows.columns == ["conflict", "customer_id"]
    assert frames.claimed_twice(empty).rows.columns == ["conflict", "kind", "holder_id"]


def test_a_wrong_frame_of_customers_is_refused() -> None:
    right = pl.DataFrame({"id": ["A"], "emails": ["[]"], "email": [1]})
    refusals: list[tuple[str, Any]] = [
        ("frame_wanted", lambda: frames.primary_email_conflicts("customers.csv")),
        ("frame_columns_missing", lambda: frames.primary_email_conflicts(right.drop("emails"))),
        ("frame_emails_type", lambda: frames.primary_email_conflicts(right.with_columns(emails=pl.lit(1)))),
        ("frame_columns_missing", lambda: frames.primary_email_conflicts(right, groups=right)),
        ("frame_texts_type", lambda: frames.claimed_twice(right, "profile")),
        ("not_one_of", lambda: frames.claimed_twice(right, "person")),  # type: ignore[arg-type]
    ]
    for code, refused in refusals:
        with pytest.raises(am.InvalidValueError) as raised:
            refused()
        assert raised.value.code == code
        assert raised.value.describe("en") != raised.value.describe("fr")
