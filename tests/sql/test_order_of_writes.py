"""Within a step, what only one row may have is free before another row gets it."""

from __future__ import annotations

from datetime import date
from typing import Any

import mapped_schemas
import pytest
from mapped_adapter import NOW, MappedAdapter
from sqlalchemy import Engine

import accountmerge as am
from accountmerge.sql import DatabaseError

LOGIN = "Bo@example.com"
PHONE = "+1 555 0100"


def person(id: str, *emails: tuple[str, Any], phone: str = PHONE) -> am.Customer:
    return am.Customer(
        id=id,
        record_number=f"number of {id}",
        given_name="Bo",
        family_name="Sample",
        status="active",
        birth_date=date(1980, 2, 29),
        emails=[am.CustomerEmail(am.model.EmailAddress(address), use) for address, use in emails],
        phones=[phone],
    )


@pytest.fixture
def adapter(oracle: Engine) -> MappedAdapter:
    """Return a store on the oracle, which compares claims of addresses after each statement."""
    mapping = mapped_schemas.oracle_mapping()
    mapping.create_all(oracle)
    return MappedAdapter(oracle, mapping)


def test_a_merge_and_its_undo_release_a_login_before_it_is_claimed(adapter: MappedAdapter) -> None:
    """Also if the program of the practice forbids that two customers have one former address."""
    clinician = am.Profile(
        id="P1", practitioner_id="H1", email="ann@example.com", login="enabled", schedule="active"
    )
    seen = [am.Access(id=f"X{id}", profile_id="P1", customer_id=id, level="treating") for id in ("C1", "C2")]
    data = am.Snapshot(
        NOW,
        profiles=[clinician],
        access=seen,
        customers=[person("C1"), person("C2", (LOGIN, "primary"), ("b@x.example", "former"))],
    )
    request = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    rules = am.MergeRules(undo="while_unchanged")
    plan = am.plan_merge(data, request, rules=rules, at=NOW)
    merge = plan.confirm(by="Ann Example", at=NOW)
    adapter.seed(data)
    store = adapter.store(NOW)
    store.apply(merge, by="a test")
    merged = adapter.dump()
    assert merged == am.apply(data, merge)
    assert LOGIN.lower() in merged.customers["C1"].primary_mailboxes
    store.apply(am.invert(merge).confirm(by="Ann Example", at=NOW), by="a test")
    assert adapter.dump().customers == data.customers


def test_a_row_of_a_list_that_the_database_refuses_is_no_earlier_delivery(adapter: MappedAdapter) -> None:
    """Another delivery of the same step would be waited for."""
    data = am.Snapshot(NOW, customers=[person("C1"), person("C2", phone="+1 555 0200")])
    adapter.seed(data)
    with adapter.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_phone ON customer_phone (number)")
    request = am.customers.CustomerEdit(customer_id="C2", changes={"phones": [PHONE]})
    plan = am.plan(data, request, at=NOW)
    try:
        with pytest.raises(DatabaseError) as caught:
            adapter.store(NOW).apply(plan.confirm(by="Ann Example", at=NOW), by="a test", patience=2)
    finally:
        with adapter.engine.begin() as connection:
            connection.exec_driver_sql("DROP INDEX one_phone")
    assert caught.value.code == "sql_refused"
    assert adapter.dump().customers == data.customers
