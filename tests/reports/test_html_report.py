"""HTML reports: each number is counted again, texts of people stay texts, and nothing personal is shown unasked."""

from __future__ import annotations

import html as entities
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.cli.plan_folders import file_name
from accountmerge.messages import LANGUAGES
from accountmerge.model.entities import ENTITY_NAMES, KINDS
from accountmerge.reports import report_people, report_sections, report_weeks
from accountmerge.reports.report_style import STYLE
from accountmerge.reports.report_weeks import places_of
from accountmerge.reports.report_words import Words
from accountmerge.testing.strategies import planned_cases
from accountmerge.testing.strategies.planned_cases import CASES
from canaries import (
    confirmed,
    merge_of_canaries,
    migration_of_canaries,
    rebooking_of_canaries,
    shown_in,
    small_plan_of_canaries,
)
from hostile_practice import hostile_plan
from read_reports import SVG, assert_well_made, counted, counts_in, read, structure, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

PRACTICE = Path(__file__).parents[2] / "docs/examples/practice.json"
AT = datetime(2026, 3, 1, 22, tzinfo=UTC)
CANARIES: dict[str, Callable[[Any], Any]] = {
    "migration": migration_of_canaries,
    "merge": merge_of_canaries,
    "rebooking": rebooking_of_canaries,
}
HOSTILE = (
    '<b>"x"</b>',
    "'><script>alert(1)</script>",
    "</title></style></svg><img src=x onerror=alert(1)>",
    "&lt;i&gt;&amp;\u05d0\u05d1",
    "<!--",
    "x" * 10_000,
)


def works(intent: Intent) -> st.SearchStrategy[Any]:
    """Return plans of a kind, blocked ones too; an undo is a change set without its plan."""
    if intent == "undo":
        return planned_cases(intents=("undo",)).map(lambda case: case.change_set)
    return CASES[intent]().map(lambda case: case.plan())


@pytest.fixture(scope="module")
def practice() -> am.Snapshot:
    snapshot = am.loads(PRACTICE.read_text(encoding="utf-8"))
    assert isinstance(snapshot, am.Snapshot)
    return snapshot


def migration(snapshot: am.Snapshot, **changed: Any) -> am.MigrationPlan:
    request = am.MigrationRequest(
        profile_id="profile-2",
        new_email=am.model.EmailAddress("nadia.haddad@example.org"),
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Nadia Haddad", at=AT, version="3"),
    )
    return am.plan_migration(snapshot, attrs.evolve(request, **changed), at=AT)


def merge(snapshot: am.Snapshot) -> am.MergePlan:
    request = am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1")
    return am.plan_merge(snapshot, request, at=AT)


@pytest.mark.parametrize("intent", INTENTS)
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
@settings(max_examples=8)
def test_every_number_of_a_report_is_counted_again(
    intent: Intent, data: st.DataObject, language: str
) -> None:
    work = data.draw(works(intent))
    if data.draw(st.booleans()):
        work = attrs.evolve(work, **_prefix(work, data))
    document = read(am.reports.html(work, language=language, zone="UTC"))
    assert_well_made(document, language)
    assert counts_in(document) == counted(work)


def _prefix(work: Any, data: st.DataObject) -> dict[str, Any]:
    """Return the changes that make a plan or a change set one of its prefixes."""
    change_set = getattr(work, "change_set", work)
    through = data.draw(st.integers(0, len(change_set.steps)))
    if work is change_set:
        return {"through": through}
    return {"change_set": change_set.prefix(through)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["migration", "merge"])
def test_what_is_cut_is_counted_too(
    kind: str, language: str, practice: am.Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, most in (
        (report_sections, "MOST_FINDINGS", 1),
        (report_sections, "MOST_LOST", 0),
        (report_people, "MOST_PEOPLE", 1),
        (report_people, "MOST_EDITS", 2),
        (report_people, "AT_ONCE", 1),
        (report_weeks, "MOST_OWNERS", 1),
        (report_weeks, "MOST_WEEKS", 2),
    ):
        monkeypatch.setattr(module, name, most)
    plan: Any = migration(practice) if kind == "migration" else merge(practice)
    document = read(am.reports.html(plan, language=language, zone="UTC"))
    numbers = counts_in(document)
    assert numbers == counted(plan)
    assert any(name.startswith("left_out.") for name, _ in numbers)


def test_many_bookings_are_drawn_by_the_hour_with_their_numbers(
    practice: am.Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = migration(practice)
    boxes = list(read(am.reports.html(plan)).iter(f"{SVG}rect"))
    assert {node.get("class") for node in boxes} == {"booking", "ghost"}
    monkeypatch.setattr(report_weeks, "MOST_BLOCKS", 1)
    numbers = counts_in(read(am.reports.html(plan)))
    drawn = next(count for (name, count) in numbers if name == "week.drawn")
    hours = sum(count * times for (name, count), times in numbers.items() if name == "week.hour")
    assert hours == 2 * drawn  # in the old profile before, and in the new one after


def test_no_number_stands_without_a_name(practice: am.Snapshot) -> None:
    for plan in (migration(practice), merge(practice)):
        document = read(am.reports.html(plan))
        for path in (
            ".//data",
            ".//time",
            ".//code",
            f".//{SVG}svg",
            ".//li",
            ".//style",
            ".//section[@class='schedule']//td",
        ):
            for node in document.findall(path):
                node.clear()
        lead = document.find(".//p[@class='lead']")
        assert lead is not None
        lead.clear()
        found = [text for node in document.iter() for text in (node.text, node.tail) if text]
        assert [text for text in found if re.search(r"\d", text)] == []


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "undo"])
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
@settings(max_examples=6)
def test_no_personal_value_is_in_a_report(intent: Intent, data: st.DataObject, language: str) -> None:
    case = CANARIES.get(intent, small_plan_of_canaries)(data.draw(CASES[intent]()))
    plan = case.plan()
    whole = [plan]
    if plan.is_ready:
        whole.append(attrs.evolve(plan, change_set=confirmed(plan)))
    for work in whole:
        text = am.reports.html(work, language=language)
        for decoded in (text, entities.unescape(text), unquote(text), text.encode().decode("unicode_escape")):
            assert shown_in(decoded) == []


def test_values_are_shown_to_a_reader_who_asks_for_them(practice: am.Snapshot) -> None:
    plan = merge(practice)
    name = practice.customers["customer-61"].given_name
    assert name
    assert name not in am.reports.html(plan)
    assert name in am.reports.html(plan, values=True)
    sure = attrs.evolve(plan, change_set=plan.confirm(by="Ann <b>Example</b>", at=AT))
    assert "Ann" not in am.reports.html(sure)
    assert "Confirmed by Ann &lt;b&gt;Example&lt;/b&gt;, " in am.reports.html(sure, values=True)
    moved = migration(practice, accept=())
    assert "nadia.haddad@example.org" not in am.reports.html(moved)
    assert "nadia.haddad@example.org" in am.reports.html(moved, values=True)


@pytest.mark.parametrize("values", [False, True])
def test_hostile_texts_are_texts(values: bool) -> None:
    harmless = [structure(read(am.reports.html(plan, values=values))) for plan in hostile_plan("x")]
    for text in HOSTILE:
        plan: Any
        for plan, wanted in zip(hostile_plan(text), harmless, strict=True):
            found = structure(read(am.reports.html(plan, values=values)))
            is_long = len(text) > 1000  # a long value has a title, with its length
            assert [tag for tag, _ in found] == [tag for tag, _ in wanted]
            assert is_long or found == wanted


def test_equal_input_gives_an_equal_report(practice: am.Snapshot) -> None:
    for plan in (migration(practice), merge(practice)):
        assert am.reports.html(plan) == am.reports.html(am.loads(am.dumps(plan)))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_report_is_there(language: str) -> None:
    words = Words(language, "UTC")
    assert all(words.entity(name) != name for name in ENTITY_NAMES if "_" in name)
    asked = {"new_email", "old_email", "by", "changes", "initials", "reason", "address"}
    fields = {field.name for kind in KINDS for field in attrs.fields(kind.cls)} | asked
    assert [name for name in sorted(fields) if words.field(name) == name and "_" in name] == []
    for name in (
        "week_empty",
        "approve_nothing",
        "no_changes",
        "no_tasks",
        "no_people",
        "no_bookings",
        "nothing_lost",
    ):
        assert words.say(name)
    for group in (
        (
            "more_owners",
            "later_weeks",
            "legend_dense",
            "people_profile",
            "people_customer",
            "why_each",
            "left_out",
        ),
        ("more", "open_plan", "accepted_by_name", "findings_unknown", "no_findings", "overview_findings"),
        ("tag_blocker", "tag_accepted_blocker", "tag_warning", "head_value", "head_field", "caption_request"),
        (
            "state_nothing_left",
            "state_confirmed",
            "label_blackout",
            "all_weeks",
            "caption_weeks",
            "head_week",
        ),
        *((f"title_{intent}", f"why_{intent}") for intent in INTENTS),
    ):
        assert all(words.say(name) for name in group)
    assert words.say("accepted_by", by="A", why="B")
    assert {words.weekday((AT + timedelta(days=day)).date()) for day in range(7)}
    assert len({words.day_text(datetime(2026, month, 1, tzinfo=UTC).date()) for month in range(1, 13)}) == 12


def test_times_are_those_of_the_zone_and_a_time_that_comes_twice_has_its_offset() -> None:
    english, french = Words("en", "Australia/Sydney"), Words("fr", "America/Toronto")
    assert english.moment(int(AT.timestamp()) * 1_000_000) == "Mon 2 Mar 2026, 9:00"
    twice = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6)]
    told = [french.moment(int(moment.timestamp()) * 1_000_000) for moment in twice]
    assert told == [f"dim. 1er nov. 2026, 1\u00a0h\u00a030 (UTC{offset})" for offset in ("-04:00", "-05:00")]


def test_several_plans_make_one_report_with_contents(practice: am.Snapshot) -> None:
    plans: list[Any] = [migration(practice), merge(practice), migration(practice, agreement=None)]
    for many in (plans, plans * 4):
        document = read(am.reports.html(many, files=["a.json", "it's b.json", "-c.json"]))
        assert len(document.findall(".//article[@class='plan']")) == len(many)
        links = [node.attrib["href"] for node in document.findall(".//nav//a")]
        assert links == ["#overview", *(f"#plan-{number}" for number in range(1, len(many) + 1))]
    text = am.reports.html(plans[:2], files=["it's b.json", "-c.json"])
    commands = [words_of(node) for node in read(text).findall(".//pre")]
    assert commands == [
        """accountmerge confirm 'it'"'"'s b.json' --by "YOUR NAME" --at now --out 'it'"'"'s b-confirmed.json'""",
        'accountmerge confirm ./-c.json --by "YOUR NAME" --at now --out ./-c-confirmed.json',
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cohort_and_a_batch_have_a_report_with_what_is_left_out(
    language: str, practice: am.Snapshot
) -> None:
    request = migration(practice).request
    twice = attrs.evolve(request, ticket="T-2")
    cohort = am.migrations.plan_migrations(practice, [request, twice], at=AT)
    alone = am.migrations.plan_migrations(practice, [request], at=AT)
    asked = merge(practice).request
    batch = am.merges.plan_merges(practice, [asked], at=AT)
    circle = am.merges.plan_merges(
        practice, [asked, attrs.evolve(asked, survivor="customer-62", absorbed=["customer-61"])], at=AT
    )
    for subject, ready, every, parts in (
        (cohort, 0, 2, 0),
        (alone, 1, 1, 1),
        (batch, 1, 1, 1),
        (circle, 0, 1, 0),
    ):
        document = read(am.reports.html(subject, language=language))
        assert_well_made(document, language)
        numbers = counts_in(document)
        assert numbers["overview.ready", ready] == numbers["overview.all", every] == 1
        assert len(document.findall(".//article[@class='plan']")) == parts
        assert bool(document.findall(".//section[@class='overview']//li/span/em")) == (not parts)


def test_a_cohort_has_its_blackouts_in_a_zone_that_its_overview_names(practice: am.Snapshot) -> None:
    request = migration(practice).request
    cohort = am.migrations.plan_migrations(practice, [request], at=AT)
    (member,) = cohort.members
    assert member.blackout is not None
    for zone, said in ((None, "Australia/Sydney"), ("America/Toronto", "America/Toronto")):
        overview = read(am.reports.html(cohort, zone=zone)).find(".//section[@class='overview']")
        assert overview is not None
        assert f"Times are in the zone {said}." in words_of(overview)
        starts = Words("en", said).moment(member.blackout.start_us)
        assert starts in words_of(overview)


def test_plans_of_one_kind_are_told_apart_by_the_id_that_they_are_about(practice: am.Snapshot) -> None:
    plans: list[Any] = [migration(practice), merge(practice)]
    document = read(am.reports.html(plans))
    for number, id in enumerate(("profile-2", "customer-61"), start=1):
        (link,) = document.findall(f".//nav//a[@href='#plan-{number}']")
        heading = document.find(f".//h2[@id='plan-{number}']")
        assert heading is not None
        assert id in words_of(link)
        assert words_of(link) == words_of(heading)


def test_each_of_several_plans_has_a_command_with_a_file_of_its_own(practice: am.Snapshot) -> None:
    plans: list[Any] = [migration(practice), merge(practice)]
    for many, names in ((plans, [file_name(plan) for plan in plans]), (plans[:1], ["plan.json"])):
        commands = [words_of(node) for node in read(am.reports.html(many)).findall(".//pre")]
        assert [command.split()[2] for command in commands] == names


def test_the_request_of_an_undo_has_the_short_id_that_a_person_compared(practice: am.Snapshot) -> None:
    plan = migration(practice)
    asked = read(am.reports.html(am.invert(plan))).find(".//p[@class='lead']")
    assert asked is not None
    assert f"undo plan {plan.plan_id[:12]} (" in words_of(asked)


def test_a_booking_at_the_end_of_the_calendar_is_drawn_too(practice: am.Snapshot) -> None:
    """Clocks in Sydney have no time for it, so it is drawn in UTC."""
    last = am.TimeSlot(datetime(9999, 12, 31, 22, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC))
    change_set = migration(practice).change_set
    step = next(step for step in change_set.steps if step.kind == "rebook")
    edits: Any = [
        attrs.evolve(edit, **{side: attrs.evolve(image, slot=last)})
        for edit in step.edits
        for side, image in (("before", edit.before), ("after", edit.after))
        if isinstance(image, am.Appointment)
    ]
    steps: Any = [attrs.evolve(step, ordinal=1, edits=edits)]
    late = attrs.evolve(change_set, steps=steps)
    assert [place.start for place in places_of(late, "Australia/Sydney")] == [last.start.replace(tzinfo=None)]


def test_the_style_is_about_elements_that_reports_have(practice: am.Snapshot) -> None:
    """A rule with a misspelt name would do nothing, and no person would see why."""
    text = am.reports.html(migration(practice)) + am.reports.html([merge(practice)])
    tags = set(re.findall(r"<([a-z0-9]+)", text))
    bare = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"/\*.*?\*/", "", STYLE))
    selectors = re.findall(r"([^{}]+)\{", bare)
    named = {tag for one in selectors if "@" not in one for tag in re.findall(r"(?<![\w.#:-])[a-z]\w*", one)}
    assert named - tags <= {"h5", "h6", "details-content"}


def test_an_argument_of_another_class_is_refused_by_name(practice: am.Snapshot) -> None:
    """One text is not a list of files, and no text is a permission to show personal values."""
    plan = merge(practice)
    for name, wrong in (
        ("files", "merge.json"),
        ("files", [1]),
        ("files", None),
        ("values", "no"),
        ("values", 1),
        ("language", None),
        ("zone", 3),
        ("zone", "Nowhere/Land"),
    ):
        with pytest.raises(am.InvalidValueError) as refused:
            am.reports.html(plan, **{name: wrong})  # type: ignore[arg-type]
        assert refused.value.facts["field"] == name
    assert am.reports.html(plan, files=["caf\udce9.json"])


def test_a_wrong_subject_or_zone_is_refused(practice: am.Snapshot) -> None:
    for wrong in (practice, "plan", [practice], None):
        with pytest.raises(am.InvalidValueError, match="a plan, a change set, a cohort") as refused:
            am.reports.html(wrong)  # type: ignore[arg-type]
        assert "un lot" in refused.value.describe("fr")
    with pytest.raises(am.InvalidValueError):
        am.reports.html(migration(practice), zone="Nowhere/Land")
