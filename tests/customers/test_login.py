"""What an address is good for: one answer for every text, and the rest only to those who may know."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.customers.login import LOGIN_FACTS, OUTCOMES
from accountmerge.messages import LANGUAGES
from accountmerge.testing.strategies import email_addresses, snapshots, texts
from small_values import NOON, access, customer, profile, snapshot
from strategies import colliding_snapshots


def email(text: str, use: Any = "primary", login_of: str | None = None) -> am.CustomerEmail:
    return am.CustomerEmail(text, use, login_of)


def person(id: str, *emails: am.CustomerEmail, **fields: Any) -> am.Customer:
    return customer(id, emails=emails, **fields)


def absorbed(id: str, into: str, *emails: am.CustomerEmail) -> am.Customer:
    return person(id, *emails, status="disabled", merged_into=into)


PROFILES = [
    profile("P1", email="pia@example.com"),
    profile("P2", email="Quin@example.com", login="disabled"),
    profile("P3", email="rae.old@example.com", login="disabled", succeeded_by="P4"),
    profile("P4", email="rae.then@example.com", succeeded_by="P5", schedule="inactive"),
    profile("P5", email="rae.now@example.com"),
]
PEOPLE = [
    person(
        "C1",
        email("ann@example.com"),
        email("ann.work@example.com", "secondary"),
        email("ann.old@example.com", "former"),
    ),
    person("C2", email("bo@example.com"), status="disabled"),
    person("C3", email("cy@example.com", "former", "C4"), email("cy.now@example.com")),
    absorbed("C4", "C3"),
    person("C5", email("di@example.com", "former", "C6"), email("di.old@example.com", "former")),
    absorbed("C6", "C5"),
    person("C7", email("quin@example.com", "secondary"), email("rae.old@example.com")),
    person("C8", email("eve.old@example.com", "former"), status="disabled"),
]
WHOLE = snapshot(
    profiles=PROFILES,
    customers=PEOPLE,
    access=[access(f"X-{row.id}", customer_id=row.id, level="treating") for row in PEOPLE if row.id != "C7"],
)


def asked(address: str, asked_by: str | None = "P1", whole: am.Snapshot = WHOLE) -> tuple[Any, ...]:
    """Return the best answer, without what is nothing."""
    found = am.customers.diagnose_login(whole, address, asked_by=asked_by)
    with_address = found.sign_in_with.text if found.sign_in_with else None
    parts = (found.outcome, found.kind, found.id, found.survivor_id or found.successor_id, with_address)
    return tuple(part for part in parts if part is not None)


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("ann@example.com", ("signs_in", "customer", "C1", "ann@example.com")),
        (" ANN@Example.COM ", ("signs_in", "customer", "C1", "ann@example.com")),
        ("ann.work@example.com", ("contact_only", "customer", "C1", "ann@example.com")),
        ("ann.old@example.com", ("replaced", "customer", "C1", "ann@example.com")),
        ("bo@example.com", ("disabled", "customer", "C2")),
        ("eve.old@example.com", ("disabled", "customer", "C8")),
        ("cy@example.com", ("merged", "customer", "C4", "C3", "cy.now@example.com")),
        ("di@example.com", ("merged", "customer", "C6", "C5")),
        ("di.old@example.com", ("replaced", "customer", "C5")),
        ("pia@example.com", ("signs_in", "profile", "P1", "pia@example.com")),
        ("quin@example.com", ("disabled", "profile", "P2")),
        ("rae.then@example.com", ("signs_in", "profile", "P4", "P5", "rae.then@example.com")),
        ("rae.now@example.com", ("signs_in", "profile", "P5", "rae.now@example.com")),
        *((nobody, ("unknown",)) for nobody in ("zed@example.com", "", "  ", "@", "ann@", "a b@c", "\ud800")),
    ],
)
def test_an_address_is_diagnosed(address: str, answer: tuple[str, ...]) -> None:
    assert asked(address) == answer


@pytest.mark.parametrize("asker", [None, "P2", "P5", "nobody", "C1"])
@pytest.mark.parametrize(
    "address", ["ann@example.com", "cy@example.com", "bo@example.com", "di.old@example.com"]
)
def test_without_access_nothing_is_told_of_a_customer_but_that_it_was_merged(
    address: str, asker: str | None
) -> None:
    whole = WHOLE.changed([access("X9", profile_id="P2", customer_id="C3")])  # a login that is disabled
    found = am.customers.diagnose_login(whole, address, asked_by=asker)
    outcome = asked(address)[0]
    if asker is None or outcome == "merged":
        assert found == am.customers.LoginDiagnosis(outcome, "customer")
    else:
        assert (
            found
            == am.customers.LoginDiagnosis("unknown")
            == am.customers.diagnose_login(whole, "zed@example.com", asked_by=asker)
        )


def test_viewing_access_tells_no_more_than_none() -> None:
    rows = [access("X1", customer_id="C1", level="viewing")]
    whole = snapshot(profiles=[profile()], customers=PEOPLE[:1], access=rows)
    assert asked("ann@example.com", "P1", whole) == ("unknown",)


def test_access_to_the_survivor_counts_and_none_to_the_absorbed() -> None:
    whole = snapshot(
        profiles=[profile("P1"), profile("P6")],
        customers=PEOPLE[2:4],
        access=[access("X1", customer_id="C3"), access("X2", profile_id="P6", customer_id="C4")],
    )
    assert asked("cy@example.com", "P1", whole) == ("merged", "customer", "C4", "C3", "cy.now@example.com")
    assert asked("cy@example.com", "P6", whole) == ("merged", "customer")


def test_of_a_profile_everybody_learns_the_ids_and_only_colleagues_the_address() -> None:
    people = [customer()]
    whole = snapshot(profiles=PROFILES, customers=people)
    known = ("replaced", "profile", "P3", "P5")
    assert asked("rae.old@example.com", "P1", whole) == (*known, "rae.now@example.com")
    for asker in (None, "P2", "nobody"):
        assert asked("rae.old@example.com", asker, whole) == known


def test_an_address_that_means_something_to_both_has_both_answers() -> None:
    found = am.customers.diagnose_login(WHOLE, "rae.old@example.com")
    assert (found.outcome, found.kind) == ("signs_in", "customer")
    assert [(other.outcome, other.kind, other.id) for other in found.also] == [("replaced", "profile", "P3")]
    found = am.customers.diagnose_login(WHOLE, "quin@example.com")
    assert (found.outcome, found.kind) == ("disabled", "profile")
    assert [(other.outcome, other.kind) for other in found.also] == [("contact_only", "customer")]


def test_customers_come_before_profiles_and_then_ids_count() -> None:
    shared = email("pia@example.com")
    people = [person(id, shared) for id in ("C3", "C1", "C2")]
    rows = [access(f"X-{row.id}", customer_id=row.id) for row in people]
    found = am.customers.diagnose_login(
        snapshot(profiles=PROFILES, customers=people, access=rows), "pia@example.com", asked_by="P1"
    )
    assert [answer.id for answer in (found, *found.also)] == ["C1", "C2", "C3", "P1"]


def test_one_person_has_one_answer_whatever_was_merged_into_it() -> None:
    people = [
        person("C1", email("ann@example.com")),
        absorbed("C2", "C1", email("ann@example.com")),
        absorbed("C3", "C2", email("ANN@example.com", "former"), email("a@example.com")),
    ]
    whole = snapshot(customers=people, access=[access()])
    found = am.customers.diagnose_login(whole, "ann@example.com", asked_by="P1")
    assert (found.outcome, found.id, found.also) == ("signs_in", "C1", ())
    assert asked("a@example.com", whole=whole) == ("merged", "customer", "C3", "C1", "ann@example.com")


def test_a_former_login_that_is_now_for_contact_still_tells_where_its_customer_went() -> None:
    people = [
        person("C1", email("ann@example.com"), email("a@example.com", "secondary", "C2")),
        absorbed("C2", "C1"),
    ]
    whole = snapshot(customers=people, access=[access()])
    assert asked("a@example.com", whole=whole) == ("merged", "customer", "C2", "C1", "ann@example.com")


def test_a_contact_address_of_an_absorbed_customer_stays_one() -> None:
    people = [
        person("C1", email("ann@example.com")),
        absorbed("C2", "C1", email("a@example.com", "secondary")),
    ]
    whole = snapshot(customers=people, access=[access()])
    assert asked("a@example.com", whole=whole) == ("contact_only", "customer", "C2", "ann@example.com")


def test_long_chains_and_circles_end() -> None:
    ids = [f"C{number}" for number in range(1, 3000)]
    chain = [absorbed(id, after) for id, after in itertools.pairwise(ids)]
    chain[0] = absorbed("C1", "C2", email("ann@example.com"))
    whole = snapshot(customers=[*chain, person(ids[-1])], access=[access(customer_id=ids[-1])])
    assert asked("ann@example.com", whole=whole) == ("merged", "customer", "C1", ids[-1])
    circle = [absorbed("C1", "C2", email("ann@example.com")), absorbed("C2", "C3"), absorbed("C3", "C2")]
    rows = [access(f"X{row.id}", customer_id=row.id) for row in circle]
    profiles = [
        *PROFILES,
        profile("P6", email="flo@example.com", succeeded_by="P7", login="disabled"),
        profile("P7", email="gus@example.com", succeeded_by="P6", login="disabled"),
    ]
    whole = snapshot(customers=circle, access=rows, profiles=profiles)
    assert asked("ann@example.com", whole=whole)[:2] == ("merged", "customer")
    assert am.customers.diagnose_login(whole, "ann@example.com", asked_by="P1").survivor_id is None
    assert asked("flo@example.com", whole=whole) == ("replaced", "profile", "P6")


def test_a_blank_address_means_nobody_even_if_somebody_has_one() -> None:
    whole = snapshot(
        profiles=[profile("P1", email="")], customers=[person("C1", email(" "))], access=[access()]
    )
    for blank in ("", " ", "\t"):
        assert am.customers.diagnose_login(whole, blank, asked_by="P1") == am.customers.LoginDiagnosis(
            "unknown"
        )


def test_only_text_and_addresses_are_diagnosed() -> None:
    wrong: Any = None
    with pytest.raises(am.InvalidValueError):
        am.customers.diagnose_login(WHOLE, wrong)
    address = am.model.EmailAddress("Ann@example.com")
    assert am.customers.diagnose_login(WHOLE, address) == am.customers.diagnose_login(
        WHOLE, "ann@example.com"
    )


def test_every_answer_is_a_sentence_without_an_address() -> None:
    said = set()
    addresses: list[am.model.EmailAddress | str] = [
        *(row.email for row in PROFILES),
        *(one.address for row in PEOPLE for one in row.emails),
        "zed",
    ]
    for address, asker, language in itertools.product(addresses, (None, "P1"), LANGUAGES):
        found = am.customers.diagnose_login(WHOLE, address, asked_by=asker)
        for answer in (found, *found.also):
            text = answer.describe(language)
            assert "@" not in text
            assert "@" not in repr(answer)
            assert (answer.survivor_id or "") in text
            said.add(text)
    assert len(said) == 2 * len(LOGIN_FACTS)


@given(
    st.one_of(snapshots(), colliding_snapshots()),
    st.one_of(texts(), email_addresses().map(lambda address: address.text)),
    st.data(),
)
def test_every_text_has_one_diagnosis_whatever_the_data_are(
    drawn: am.Snapshot, address: str, data: st.DataObject
) -> None:
    asker = data.draw(st.sampled_from([None, "nobody", *(row.id for row in drawn.profiles)]))
    found = am.customers.diagnose_login(drawn, address, asked_by=asker)
    event(found.outcome)
    answers = (found, *found.also)
    ranks = [OUTCOMES.index(answer.outcome) for answer in answers]
    assert ranks == sorted(ranks)
    assert all(answer.also == () for answer in found.also)
    for answer in answers:
        assert (answer.kind is None) == (answer.outcome == "unknown")
        assert answer.describe("fr") != answer.describe("en")
    mailbox = am.model.EmailAddress(address).mailbox
    holders = {id for row in drawn.customers for id in [row.id] if mailbox in row.mailboxes}
    holders |= {row.id for row in drawn.profiles if row.mailbox == mailbox}
    if asker is None or not holders or not mailbox.strip():
        assert (found.outcome == "unknown") == (not holders or not mailbox.strip())
    tables: dict[str, Any] = {
        name: data.draw(st.permutations(list(getattr(drawn, name))))
        for name in ("customers", "profiles", "access")
    }
    assert found == am.customers.diagnose_login(
        am.Snapshot(drawn.taken_at, **tables), address, asked_by=asker
    )


@given(st.one_of(snapshots(), colliding_snapshots()), email_addresses(), st.data())
def test_who_has_no_access_learns_no_id_and_no_address_of_a_customer(
    drawn: am.Snapshot, address: am.model.EmailAddress, data: st.DataObject
) -> None:
    asker = data.draw(st.sampled_from([None, *(row.id for row in drawn.profiles)]))
    enabled = asker is not None and drawn.profiles[asker].login == "enabled"
    mine = [row for row in drawn.access if row.profile_id == asker and row.level == "treating"]
    may_see = {row.customer_id for row in mine if enabled}
    found = am.customers.diagnose_login(drawn, address, asked_by=asker)
    for answer in (found, *found.also):
        if answer.kind == "customer" and answer.id is not None:
            last: str | None = answer.survivor_id or answer.id
            path = [last]
            while last is not None and last not in may_see:
                last = drawn.customers[last].merged_into
                assert last not in path
                path.append(last)
            assert last is not None
        elif answer.kind == "customer":
            assert answer == am.customers.LoginDiagnosis(answer.outcome, "customer")
        elif not enabled:
            assert answer.sign_in_with is None


KEEP = am.MergeRules(kept_primary="survivor")


@given(st.permutations(range(1, 6)), st.data())
def test_after_any_merges_every_former_login_tells_with_which_address_to_sign_in(
    order: list[int], data: st.DataObject
) -> None:
    people = [person(f"C{n}", email(f"c{n}@example.com")) for n in range(1, 7)]
    whole = snapshot(customers=people, access=[access(f"X-{row.id}", customer_id=row.id) for row in people])
    alive = [row.id for row in people]
    for _ in order:
        gone = data.draw(st.sampled_from(alive))
        alive.remove(gone)
        request = am.MergeRequest(survivor=data.draw(st.sampled_from(alive)), absorbed=[gone], actor="P1")
        plan = am.plan_merge(whole, request, rules=KEEP, at=NOON)
        whole = am.apply(whole, plan.confirm(by="Ann Example", at=NOON))
        for row in people:
            (login,) = row.emails
            found = am.customers.diagnose_login(whole, login.address, asked_by="P1")
            assert found.id == row.id
            assert found.outcome == ("signs_in" if row.id in alive else "merged")
            assert (found.survivor_id or row.id) in alive
            assert found.sign_in_with is not None
            there = am.customers.diagnose_login(whole, found.sign_in_with, asked_by="P1")
            assert (there.outcome, there.id) == ("signs_in", found.survivor_id or row.id)
