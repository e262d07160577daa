"""Wording: what a practice may say in its notices, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.migrations.notice_texts import NOTICE_FACTS, NOTICE_TEXTS

REFUSED: dict[str, dict[str, Any]] = {
    "not_one_of": {"contacts": {"client": "x"}},
    "zone_unknown": {"time_zone": "Europe/Nowhere"},
    "wrong_type": {"contacts": {"support_team": 3}},
    "placeholder_unknown": {"texts": {"manual_list_body": "{closed}"}},
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_no_notice_could_use_is_refused(code: str) -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        am.migrations.Wording(**REFUSED[code])
    assert refused.value.code == code
    assert refused.value.describe("fr") != refused.value.describe("en")


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{0}", "{end.__class__}", "{end!r}", "{end:>9}", "{end[0]}"]
)
def test_a_placeholder_is_a_name_and_nothing_else(text: str) -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        am.migrations.Wording(texts={"manual_list_body": text})
    assert refused.value.code == "placeholder_unknown"
    assert am.migrations.Wording(texts={"manual_list_body": "{{ {end} }}"}).texts


def test_a_text_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        am.migrations.Wording(texts={"manual_list": "x"})
    assert refused.value.facts["allowed"] == tuple(NOTICE_TEXTS)
    with pytest.raises(am.InvalidValueError):
        am.migrations.Wording(customer_label=3)  # type: ignore[arg-type]


def test_every_placeholder_of_a_notice_may_be_used() -> None:
    texts = {name: " ".join(f"{{{fact}}}" for fact in sorted(facts)) for name, facts in NOTICE_TEXTS.items()}
    assert len(am.migrations.Wording(texts=texts).texts) == 2 * len(NOTICE_FACTS)


def test_wording_is_equal_whatever_the_order_and_silent_about_contacts() -> None:
    pairs = [("support_team", "555-0100"), ("customer_service", "chat")]
    one, other = (
        am.migrations.Wording(contacts=dict(pairs)),
        am.migrations.Wording(contacts=dict(reversed(pairs))),
    )
    assert (one, hash(one)) == (other, hash(other))
    assert repr(one) == "Wording(2 contacts, 0 texts)"
