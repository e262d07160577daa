"""Laws of facts: their types say what they are, and never the look of their values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import OBLIGATION_FACTS
from accountmerge.changes.failures import FAILURE_FACTS
from accountmerge.changes.guards import GUARD_FACTS
from accountmerge.changes.steps import REASON_FACTS
from accountmerge.findings.audiences import seen_faults
from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS
from accountmerge.messages import FACT_TYPES, LANGUAGES, sentence
from accountmerge.model.instants import rfc3339
from accountmerge.plans.explanations import EXPLAIN_FACTS
from accountmerge.reports.migration_text import timeline_text
from accountmerge.reports.plan_lines import plan_text
from accountmerge.testing import strategies
from closed_words import typed_facts
from small_values import NOON, access, appointment, customer, profile, request, slot

VOCABULARIES: dict[str, dict[str, frozenset[str]]] = {
    "finding": {code: kind.facts for code, kind in FINDINGS.items()}
    | {f"{code}.cluster": CLUSTER_FACTS for code, kind in FINDINGS.items() if kind.clusters},
    "failure": FAILURE_FACTS,
    "reason": REASON_FACTS,
    "obligation": OBLIGATION_FACTS,
    "explain": EXPLAIN_FACTS,
}


def test_each_fact_of_each_vocabulary_has_a_type_and_no_other_has() -> None:
    guards = {
        name for forms in GUARD_FACTS.values() for required, optional in forms for name in required | optional
    }
    known = guards.union(*(names for words in VOCABULARIES.values() for names in words.values()))
    assert known == FACT_TYPES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_an_id_is_shown_as_it_is_also_if_it_looks_like_a_time(language: str, data: st.DataObject) -> None:
    """In each sentence of each vocabulary, an id that looks like a time stands beside times as it was given."""
    id = data.draw(ids())
    for family, words in VOCABULARIES.items():
        for code, names in words.items():
            facts = typed_facts(names)
            own = {name: id for name in names if FACT_TYPES[name] == "id"}
            shown = sentence(f"{family}.{code}", facts | own, language)
            other = sentence(f"{family}.{code}", facts | dict.fromkeys(own, "\u2603"), language)
            assert shown == other.replace("\u2603", id), code


def ids() -> st.SearchStrategy[str]:
    """Ids that look like times: as the library writes them, with an offset, or in lower case."""
    texts = strategies.instants().map(rfc3339)
    return st.one_of(texts, texts.map(str.lower), texts.map(lambda text: text.replace("Z", "+11:00")))


WINDOW = slot(60, 180)
TWICE = ("A1", "A2")
ROLES = ("new", "old", "stranger", "here", "there", "moving", "beside", "past")
SPOKEN = [rfc3339(NOON + timedelta(minutes=minutes)) for minutes in (-600, 0, 60, 120, 240, 600, 630, 660)]
"""Instants of which the plan speaks: its own, the ends of its window and of its bookings."""


def named(*texts: str, roles: Sequence[str]) -> dict[str, str]:
    """Return ids by what they stand for: in their order, so that what is sorted by id stays so under other ids."""
    return dict(zip(roles, sorted(texts), strict=True))


def practice(id: Mapping[str, str]) -> am.Snapshot:
    """A practitioner with two bookings that overlap and one that is past and open.

    Another one treats one of the two customers, who is booked there twice at a time.
    """
    return am.Snapshot(
        NOON,
        profiles=[
            profile(id["old"], email="old@example.com"),
            profile(id["stranger"], practitioner_id="H2", email="stranger@example.com"),
            profile(id["new"], email="new@example.com", schedule="pending"),
        ],
        customers=[customer(id["here"]), customer(id["there"])],
        appointments=[
            appointment(id["moving"], slot(600), profile_id=id["old"], customer_id=id["here"]),
            appointment(id["beside"], slot(630), profile_id=id["old"], customer_id=id["there"]),
            appointment(id["past"], slot(-600), profile_id=id["old"], customer_id=id["here"]),
            *(appointment(n, slot(120), profile_id=id["stranger"], customer_id=id["here"]) for n in TWICE),
        ],
        access=[
            access("X1", profile_id=id["old"], customer_id=id["here"]),
            access("X2", profile_id=id["stranger"], customer_id=id["here"]),
        ],
    )


def planned(id: Mapping[str, str]) -> tuple[am.Snapshot, am.MigrationPlan]:
    data = practice(id)
    return data, am.plan_migration(data, request(profile_id=id["old"], window=WINDOW), at=NOON)


@given(roles=st.permutations(ROLES))
@example(roles=[*ROLES[:3], "there", "here", *ROLES[5:]])
@example(roles=["moving", "new", "old", "here", "there", "stranger", "beside", "past"])
def test_ids_that_look_like_times_are_told_explained_and_shown_like_other_ids(roles: list[str]) -> None:
    """Every id is the text of an instant that the plan speaks of; with other ids, all that is said is the same."""
    times, plain = named(*SPOKEN, roles=roles), named(*PLAIN, roles=roles)
    (data, plan), (other_data, other) = planned(times), planned(plain)
    assert plan.is_ready
    for role in ROLES:
        told, wanted = plan.explain(times[role]), other.explain(plain[role])
        for language in LANGUAGES:
            assert bare(told.describe(language)) == bare(renamed(wanted.describe(language), times, plain))
    for language in LANGUAGES:
        for text in (plan_text, timeline_text):
            assert bare(text(plan, language)) == bare(renamed(text(other, language), times, plain))
        for found, same in zip(plan.findings, other.findings, strict=True):
            assert found.describe(language) == renamed(same.describe(language), times, plain)
            assert found.advise(language) == renamed(same.advise(language), times, plain)
    for role in ("old", "stranger"):
        seen = seen_faults(data, am.find_faults(data), times[role])
        wanted_faults = seen_faults(other_data, am.find_faults(other_data), plain[role])
        assert [fault.code for fault in seen] == [fault.code for fault in wanted_faults]
        seen, others = plan.findings_for(times[role]), other.findings_for(plain[role])
        assert [found.code for found in seen] == [found.code for found in others]


PLAIN = [f"\u2603{number}" for number in range(len(ROLES))]


def renamed(text: str, times: Mapping[str, str], plain: Mapping[str, str]) -> str:
    """Return a text about plain ids as it is about the others."""
    for role in ROLES:
        text = text.replace(plain[role], times[role])
    return text


def bare(text: str) -> list[str]:
    """Return the words of a text without derived ids and digests, and with the colons of ids as they are."""
    return re.sub(r"[0-9a-f]{12,}", "#", text.replace("%3A", ":")).split()
