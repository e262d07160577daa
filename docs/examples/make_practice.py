# ruff: noqa: RUF001 - the names are in many scripts
"""Make `practice.json`: an invented practice in Sydney, the same to the byte in every run.

    python docs/examples/make_practice.py [FILE]

Every person and address here is made up. The addresses are of example.com, example.org and example.net, and
the telephone numbers of a block that is kept free for fiction: mail and calls to them reach nobody.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import accountmerge as am

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

ZONE = "Australia/Sydney"
TODAY = date(2026, 3, 2)
FIRST_DAY, LAST_DAY = date(2025, 6, 16), date(2026, 6, 12)
MOVED_ON = date(2025, 11, 17)  # the day on which profile-5 took over from profile-4
CLOSED = tuple(
    map(
        date.fromisoformat,
        ("2025-12-25", "2025-12-26", "2026-01-01", "2026-01-26", "2026-04-03", "2026-04-06"),
    )
)
AWAY = (date(2026, 4, 20), date(2026, 4, 25))  # profile-2 takes leave from the first to before the second
OFFICE, EVENING = tuple(range(9, 17)), tuple(range(12, 20))
STATUSES_PAST = ("completed",) * 8 + ("cancelled", "missed")
STATUSES_FUTURE = ("booked",) * 10 + ("held", "cancelled")
MODALITIES = ("in_person",) * 4 + ("video",) * 3 + ("phone", "phone", "chat")
CANCEL_REASONS = ("customer_unwell", "practitioner_unwell", "plans_changed", "travel_delay")
ELSEWHERE = {
    "customer-07": "Australia/Perth",
    "customer-21": "Australia/Brisbane",
    "customer-33": "Pacific/Auckland",
}

random = Random(20260302)

NAMES = """
Aoife|Ní Riordáin|aoife.niriordain
Bartholomew|Quillfeather|b.quillfeather
María José|Peñaranda|mj.penaranda
Søren|Bjerregård|soren.bjerregard
Zoë|Featherstonehaugh-Lum|zoe.fl
Łucja|Świętopełk|lucja.s
Mehmet|Yıldıztaşı|mehmet.y
Ingibjörg|Þorláksdóttir|ingibjorg.t
Nguyễn|Thị Minh Châu|minhchau.nguyen
François|de la Bruyère-Tessier|f.bruyere
Katarína|Šťastná|katarina.stastna
Jūratė|Žvirblytė|jurate.z
Niamh|O’Shaughlin|niamh.oshaughlin
Temuera|Wharepouri|temuera.w
Ìfẹ́olúwa|Adébọ̀wálé|ifeoluwa.a
Gwenllian|ap Rhydderch|gwenllian
Ștefania|Brânzărescu|stefania.b
Håkon|Ødegårdstad|hakon.odegardstad
Agnès|Puigdevall|agnes.puigdevall
João|Vasconcelinhos|joao.v
Kahurangi|Te Aowhāriki|kahurangi
Ottilie|Grünwäldchen|ottilie.g
Đorđe|Crnjanović|dorde.c
Mele|Tupoulahi-Fakatava|mele.tf
Sinéad|Mac Giolla Bhuidhe|sinead.mgb
Ольга|Вересаевская|olga.v
Тарас|Горобченко|taras.h
Божидар|Планинаров|bozhidar.p
Ελένη|Καλλιθεοπούλου|eleni.k
Αριστείδης|Μαυροκαπνάς|aristeidis.m
جميلة|الزهرانية|jamila.z
سامر|نورالحقول|samer.n
شیرین|گلستان‌پور|shirin.g
אביגיל|בן־כרמלי|avigail.bk
נועם|שדה־אור|noam.so
美咲|雪ノ原|misaki.y
健太郎|風見谷|kentaro.k
佳怡|欧阳月|jiayi.o
子轩|上官云|zixuan.s
서연|남궁별|seoyeon.n
하준|제갈솔|hajun.j
प्रिया|सूर्यवनम|priya.s
अर्जुन|मेघपुरी|arjun.m
தமிழ்ச்செல்வி|முகிலன்|tamilselvi.m
ณัฐธิดา|แสงดาวเรือง|natthida.s
ანა|მთვარაძე|ana.m
Արփինե|Լուսաբացյան|arpine.l
ናኦሚ|ፀሐይነህ|naomi.t
Wirrin|Banksiadale|wirrin.b
Marigold|Thistlewhite|marigold.t
Percival|Ampersand|percival.a
Clementine|Oyelaran-Frost|clementine.of
Ludovico|Serpentara|ludovico.s
Perpetua|Nkwenti-Lark|perpetua.nl
Isolde|van der Wolkenburg|isolde.vdw
Caspian|Harrowgate-Ito|caspian.hi
Saoirse|Dimmock-Ng|saoirse.dn
Minh Châu|Nguyen|chau.n
Rafferty|Quennell|rafferty.q
Raff|Quennell|raff.q
""".strip().splitlines()


@dataclass(frozen=True)
class Desk:
    """One stretch of a profile's work: when, with whom, and how many appointments."""

    profile_id: str
    customers: range
    weekdays: tuple[int, ...]
    hours: tuple[int, ...]
    first: date
    last: date
    count: int


DESKS = (
    Desk("profile-1", range(1, 21), (0, 1, 2, 3), OFFICE, FIRST_DAY, TODAY, 80),
    Desk("profile-1", range(1, 21), (0, 1, 2, 3), OFFICE, TODAY, LAST_DAY, 26),
    Desk("profile-2", range(16, 36), (0, 1, 2, 3, 4), OFFICE, FIRST_DAY, TODAY, 70),
    Desk(
        "profile-2", range(16, 36), (0, 1, 2, 3, 4), OFFICE, TODAY + timedelta(days=1), date(2026, 5, 22), 29
    ),
    Desk("profile-3", range(31, 46), (1, 3, 5), EVENING, FIRST_DAY, TODAY, 55),
    Desk("profile-3", range(31, 46), (1, 3, 5), EVENING, TODAY, LAST_DAY, 18),
    Desk("profile-4", range(43, 60), (0, 2, 4), OFFICE, FIRST_DAY, MOVED_ON, 38),
    Desk("profile-5", range(43, 60), (0, 2, 4), OFFICE, MOVED_ON + timedelta(days=28), TODAY, 37),
    Desk("profile-5", range(43, 60), (0, 2, 4), OFFICE, TODAY, LAST_DAY, 20),
)


@dataclass(eq=False)
class Draft:
    """An appointment before it has an id and a number, at a time on the wall in Sydney."""

    profile_id: str
    customer_id: str
    wall: datetime
    minutes: int
    status: str
    modality: str
    reading: Any = "earlier"
    cancel_reason: str | None = None
    replaces: Draft | None = None

    @property
    def slot(self) -> am.TimeSlot:
        start = am.model.resolve_wall_time(self.wall, ZONE, ambiguous=self.reading)
        return am.TimeSlot(start, start.add(minutes=self.minutes))


def pick(items: Sequence[T]) -> T:
    """Choose one; of all methods only `random()` is promised to give the same in every release of Python."""
    return items[int(random.random() * len(items))]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


def instant(day: date, hour: int, minute: int = 0) -> Any:
    return am.model.resolve_wall_time(at(day, hour, minute), ZONE)


def customer_id(number: int) -> str:
    return f"customer-{number:02}"


TAKEN_AT = instant(TODAY, 8, 30)


# Profiles


def hours(weekdays: Sequence[str], start: int, end: int) -> am.WeeklyHours:
    stretch = am.DailyHours(time(start), time(end))
    return am.WeeklyHours(ZONE, days=dict.fromkeys(weekdays, (stretch,)), closed=CLOSED)


def profiles() -> Iterator[am.Profile]:
    office = ("monday", "tuesday", "wednesday", "thursday")
    leave = am.TimeSlot(*(instant(day, 0) for day in AWAY))
    night = am.WeeklyHours(
        ZONE,
        days={
            "tuesday": (am.DailyHours(time(12), time(20)),),
            "thursday": (am.DailyHours(time(12), time(20)),),
            "saturday": (
                am.DailyHours(time(12), time(20)),
                am.DailyHours(time(22), time(4)),
            ),  # the night line
        },
    )
    rows: tuple[tuple[str, str, str, am.WeeklyHours, dict[str, Any]], ...] = (
        ("1", "aroha.kingi@example.org", "active", hours(office, 9, 17), {}),
        (
            "2",
            "nadia.haddad@example.com",
            "active",
            hours((*office, "friday"), 9, 17),
            {"unavailable": [leave]},
        ),
        ("3", "tomasz.zielinski@example.net", "active", night, {}),
        (
            "4",
            "ruth.blumenkranz@example.com",
            "inactive",
            hours(office[::2], 9, 17),
            {"succeeded_by": "profile-5"},
        ),
        ("4", "ruth@example.org", "active", hours(("monday", "wednesday", "friday"), 9, 17), {}),
    )
    for number, (owner, email, schedule, weekly, more) in enumerate(rows, start=1):
        yield am.Profile(
            id=f"profile-{number}",
            practitioner_id=f"practitioner-{owner}",
            email=email,
            login="enabled",
            schedule=schedule,
            hours=weekly,
            version=number + 2,
            **more,
        )


# Customers


def customers() -> Iterator[am.Customer]:
    for number, line in enumerate(NAMES, start=1):
        given, family, local = line.split("|")
        yield am.Customer(
            id=customer_id(number),
            record_number=f"R{4100 + number * 7}",
            given_name=given,
            family_name=family,
            version=1 + number % 4,
            **customer_details(number, local),
        )


def customer_details(number: int, local: str) -> dict[str, Any]:
    """Return what differs: most have one login; some a second address, some none, one a typing error."""
    absorbed = customer_id(60)
    if customer_id(number) == absorbed:
        return {"emails": (), "status": "disabled", "merged_into": customer_id(59)}
    domain = ("example.com", "example.org", "example.net")[number % 3]
    address = f"{local}@{domain}" if number != 24 else f"{local}@example,com"  # noqa: PLR2004 - the typing error
    emails = [] if number % 19 == 0 else [am.CustomerEmail(address, "primary")]
    if number % 8 == 0:
        emails.append(am.CustomerEmail(f"{local}+work@example.com", "secondary"))
    former: tuple[str, ...] = ()
    if number == 59:  # noqa: PLR2004 - the survivor of an earlier merge
        emails.append(am.CustomerEmail("raff.q@example.net", "former", login_of=absorbed))
        former = (f"R{4100 + 60 * 7}",)
    attributes: dict[str, Any] = {"reminders": pick((True, False))}
    if number % 9 == 0:
        attributes["interpreter"] = pick(("Auslan", "Tiếng Việt", "العربية"))
    return {
        "emails": emails,
        "former_record_numbers": former,
        "phones": () if number % 13 == 0 else (f"+61 2 5550 {1000 + number * 37}",),
        "birth_date": date(1948 + number * 5 % 57, 1 + number % 12, 1 + number * 11 % 28),
        "address": f"{number} Sample Street, Imaginary Bay NSW" if number % 3 else None,
        "opt_outs": (("newsletter",), (), ("newsletter", "surveys"), ())[number % 4],
        "attributes": am.model.FrozenJson.of(attributes),
        "status": "active",
    }


# Appointments


def drafts() -> list[Draft]:
    taken: set[tuple[str, datetime]] = set()
    found = [*special_drafts(), *rebooked_drafts()]
    for draft in found:
        taken |= {(draft.profile_id, draft.wall), (draft.customer_id, draft.wall)}
    for desk in DESKS:
        found += [regular_draft(desk, taken) for _ in range(desk.count)]
    return sorted(found, key=lambda draft: (draft.slot, draft.profile_id, draft.customer_id))


def regular_draft(desk: Desk, taken: set[tuple[str, datetime]]) -> Draft:
    """Return an appointment at a full hour that neither side has taken; none lasts longer than an hour."""
    while True:
        day = desk.first + timedelta(days=int(random.random() * (desk.last - desk.first).days))
        if day.weekday() not in desk.weekdays or day in CLOSED or AWAY[0] <= day < AWAY[1]:
            continue
        wall, customer = at(day, pick(desk.hours)), customer_id(pick(desk.customers))
        if (desk.profile_id, wall) in taken or (customer, wall) in taken:
            continue
        taken |= {(desk.profile_id, wall), (customer, wall)}
        status = pick(STATUSES_PAST if day < TODAY else STATUSES_FUTURE)
        reason = pick(CANCEL_REASONS) if status == "cancelled" else None
        return Draft(
            desk.profile_id,
            customer,
            wall,
            pick((30, 45, 50, 50, 60)),
            status,
            pick(MODALITIES),
            cancel_reason=reason,
        )


def special_drafts() -> Iterator[Draft]:
    """Yield what is worth a look: the honest problems, and bookings at the changes of clock."""
    # A double booking that nobody ever cleared up: both still stand as booked.
    yield Draft("profile-1", customer_id(3), at(date(2025, 9, 10), 10), 60, "booked", "in_person")
    yield Draft("profile-1", customer_id(11), at(date(2025, 9, 10), 10, 30), 30, "booked", "phone")
    # Past, and still open.
    yield Draft("profile-2", customer_id(18), at(date(2026, 2, 19), 14), 50, "booked", "video")
    # In the time in which availability is off, if that starts at nine.
    yield Draft("profile-2", customer_id(27), at(TODAY, 10), 50, "booked", "in_person")
    # 02:30 is skipped on the first Sunday in October and shown twice on the first Sunday in April.
    yield Draft("profile-3", customer_id(40), at(date(2025, 10, 5), 2, 30), 30, "completed", "chat")
    yield Draft("profile-3", customer_id(41), at(date(2026, 4, 5), 2, 30), 30, "booked", "chat")
    yield Draft(
        "profile-3", customer_id(42), at(date(2026, 4, 5), 2, 30), 30, "booked", "phone", reading="later"
    )


def rebooked_drafts() -> Iterator[Draft]:
    """Yield ten bookings of an earlier migration: cancelled in profile-4, booked in profile-5."""
    for number in range(10):
        day = MOVED_ON + timedelta(days=(0, 2, 4)[number % 3] + 7 * (number // 3))
        wall, customer, modality = at(day, 9 + number % 6), customer_id(43 + number), pick(MODALITIES)
        old = Draft("profile-4", customer, wall, 50, "cancelled", modality, cancel_reason="rebooked")
        yield old
        yield Draft(
            "profile-5",
            customer,
            wall,
            50,
            pick(("completed", "completed", "missed")),
            modality,
            replaces=old,
        )


def appointments(rows: list[Draft]) -> Iterator[am.Appointment]:
    ids = {draft: f"appointment-{number:03}" for number, draft in enumerate(rows, start=1)}
    replaced_by = {draft.replaces: id for draft, id in ids.items() if draft.replaces}
    seen: set[tuple[str, str]] = set()
    for number, draft in enumerate(rows, start=1):
        pair = (draft.profile_id, draft.customer_id)
        prefix = "APP" if pair in seen or draft.replaces else "ASST"  # the first one is an assessment
        seen.add(pair)
        yield am.Appointment(
            id=ids[draft],
            number=None if draft.status == "held" else f"{prefix}-{52000 + number * 3}",
            profile_id=draft.profile_id,
            customer_id=draft.customer_id,
            slot=draft.slot,
            time_zone=ELSEWHERE.get(draft.customer_id, ZONE),
            modality=draft.modality,
            status=draft.status,
            cancel_reason=draft.cancel_reason,
            replaces=ids[draft.replaces] if draft.replaces else None,
            replaced_by=replaced_by.get(draft),
            version=1 + number % 3,
        )


# Records


def records(bookings: Sequence[am.Appointment]) -> Iterator[am.Record]:
    yield from relations()
    programmes: dict[str, str] = {}
    for booking in bookings:
        if booking.status != "completed":
            continue
        number, written = booking.id.removeprefix("appointment-"), booking.slot.end
        about: dict[str, Any] = {
            "customer_id": booking.customer_id,
            "profile_id": booking.profile_id,
            "created_at": written,
        }
        if booking.customer_id not in programmes:
            programmes[booking.customer_id] = id = f"programme-{number}"
            goal = pick(("Sleep", "Walking again", "Back to work", "Grief", "Parenting"))
            data = am.model.FrozenJson.of({"goal": goal, "sessions": 4 + 2 * int(random.random() * 5)})
            yield am.Record(id=id, kind="programme", unique_key=goal.lower(), data=data, **about)
        if random.random() < 0.4:  # noqa: PLR2004 - two notes in five sessions
            data = am.model.FrozenJson.of(
                {"summary": pick(("Plan reviewed.", "Goal met.", "Homework set.", "Called back."))}
            )
            parent = programmes[booking.customer_id]
            yield am.Record(id=f"note-{number}", kind="note", attached_to=parent, data=data, **about)
            if random.random() < 0.2:  # noqa: PLR2004 - one file in five notes
                data = am.model.FrozenJson.of(
                    {"name": f"worksheet-{number}.pdf", "bytes": 20000 + 17 * int(number)}
                )
                yield am.Record(
                    id=f"file-{number}", kind="file", attached_to=f"note-{number}", data=data, **about
                )


def relations() -> Iterator[am.Record]:
    for number, (one, other, what) in enumerate(
        ((2, 14, "parent"), (26, 27, "sibling"), (50, 56, "partner")), start=1
    ):
        yield am.Record(
            id=f"relation-{number}",
            kind="relation",
            customer_id=customer_id(one),
            related_customer_id=customer_id(other),
            data=am.model.FrozenJson.of({"role": what}),
        )


# Access


def access(bookings: Sequence[am.Appointment]) -> Iterator[am.Access]:
    """Yield a row for each profile and customer with an appointment, and a supervisor's for a few."""
    first: dict[tuple[str, str], am.Appointment] = {}
    for booking in bookings:
        first.setdefault((booking.profile_id, booking.customer_id), booking)
    rows = [(pair, "treating", min(row.slot.start, TAKEN_AT).subtract(days=3)) for pair, row in first.items()]
    rows += [
        (("profile-1", customer_id(number)), "viewing", instant(date(2025, 7, 1), 9))
        for number in (28, 30, 44)
    ]
    for number, ((profile, customer), level, since) in enumerate(sorted(rows), start=1):
        yield am.Access(
            id=f"access-{number:03}", profile_id=profile, customer_id=customer, level=level, since=since
        )


def access_requests() -> Iterator[am.AccessRequest]:
    rows: tuple[tuple[str, int, date, dict[str, Any]], ...] = (
        ("profile-2", 58, date(2026, 2, 25), {"status": "pending"}),
        ("profile-3", 9, date(2025, 8, 4), {"status": "denied", "reason": "Asked by mistake."}),
        ("profile-1", 44, date(2025, 6, 27), {"status": "approved"}),
    )
    for number, (profile, customer, asked, more) in enumerate(rows, start=1):
        decided = {} if more["status"] == "pending" else {"decided_by": customer_id(customer)}
        yield am.AccessRequest(
            id=f"access-request-{number}",
            profile_id=profile,
            customer_id=customer_id(customer),
            requested_at=instant(asked, 11),
            expires_at=instant(asked + timedelta(days=14), 11),
            decided_at=instant(asked + timedelta(days=2), 16, 20) if decided else None,
            **decided,
            **more,
        )


# One person who is two customers: she came in once, and called another time


FIRST, SECOND = customer_id(61), customer_id(62)


def twins() -> Iterator[Any]:
    visits = list(twin_appointments())
    yield from twin_customers()
    yield from visits
    yield from twin_records([visit.slot.end for visit in visits])
    for number, (profile, customer) in enumerate(
        (("profile-1", FIRST), ("profile-1", SECOND), ("profile-3", SECOND)), start=92
    ):
        yield am.Access(
            id=f"access-{number:03}",
            profile_id=profile,
            customer_id=customer,
            level="treating",
            since=instant(date(2025, 10, 1 + number - 92), 9),
        )
    yield am.AccessRequest(
        id="access-request-4",
        profile_id="profile-5",
        customer_id=SECOND,
        requested_at=instant(date(2026, 2, 27), 11),
        expires_at=instant(date(2026, 3, 13), 11),
        status="pending",
    )


def twin_customers() -> Iterator[am.Customer]:
    yield am.Customer(
        id=FIRST,
        record_number="R4527",
        given_name="Rosalind",
        family_name="Hartwhistle-Abe",
        emails=[am.CustomerEmail("rosalind.ha@example.com", "primary")],
        phones=("+61 2 5550 3257",),
        birth_date=date(1984, 7, 19),
        opt_outs=("newsletter",),
        attributes=am.model.FrozenJson.of({"reminders": True}),
        status="active",
        version=1,
    )
    yield am.Customer(
        id=SECOND,
        record_number="R4534",
        given_name="Roz",
        family_name="Abe",
        emails=[am.CustomerEmail("roz.abe@example.net", "secondary")],
        phones=("+61 2 5550 3294",),
        address="62 Sample Street, Imaginary Bay NSW",
        opt_outs=("surveys",),
        attributes=am.model.FrozenJson.of({"interpreter": "Auslan", "reminders": False}),
        status="active",
        version=1,
    )


def twin_appointments() -> Iterator[am.Appointment]:
    rows: tuple[tuple[str, str, date, int, Any, Any, str], ...] = (
        ("profile-1", FIRST, date(2025, 10, 14), 10, "completed", "in_person", "ASST"),
        ("profile-1", SECOND, date(2026, 2, 5), 10, "completed", "phone", "ASST"),
        ("profile-3", SECOND, date(2026, 2, 19), 15, "completed", "video", "ASST"),
        ("profile-1", FIRST, date(2026, 3, 17), 11, "booked", "in_person", "APP"),
        ("profile-3", SECOND, date(2026, 3, 19), 14, "booked", "video", "APP"),
    )
    for number, (profile, customer, day, hour, status, modality, prefix) in enumerate(rows, start=401):
        yield am.Appointment(
            id=f"appointment-{number}",
            number=f"{prefix}-{52000 + number * 3}",
            profile_id=profile,
            customer_id=customer,
            slot=am.TimeSlot(instant(day, hour), instant(day, hour, 50)),
            time_zone=ZONE,
            modality=modality,
            status=status,
            version=1,
        )


def twin_records(ends: Sequence[Any]) -> Iterator[am.Record]:
    rows: tuple[tuple[str, str, str, int, dict[str, Any], dict[str, Any]], ...] = (
        ("programme-401", FIRST, "profile-1", 0, {"unique_key": "sleep"}, {"goal": "Sleep", "sessions": 8}),
        ("note-401", FIRST, "profile-1", 0, {"attached_to": "programme-401"}, {"summary": "Plan reviewed."}),
        ("programme-402", SECOND, "profile-1", 1, {"unique_key": "sleep"}, {"goal": "Sleep", "sessions": 6}),
        ("note-402", SECOND, "profile-1", 1, {"attached_to": "programme-402"}, {"summary": "Called back."}),
        ("note-403", SECOND, "profile-3", 2, {}, {"summary": "Homework set."}),
        ("file-403", SECOND, "profile-3", 2, {"attached_to": "note-403"}, {"name": "worksheet-403.pdf"}),
    )
    for id, customer, profile, visit, more, data in rows:
        yield am.Record(
            id=id,
            kind=id.partition("-")[0],
            customer_id=customer,
            profile_id=profile,
            created_at=ends[visit],
            data=am.model.FrozenJson.of(data),
            **more,
        )
    ties = (
        (FIRST, SECOND, "household"),
        (FIRST, customer_id(2), "cousin"),
        (SECOND, customer_id(2), "cousin"),
    )
    for number, (customer, other, role) in enumerate(ties, start=4):
        yield am.Record(
            id=f"relation-{number}",
            kind="relation",
            customer_id=customer,
            related_customer_id=other,
            data=am.model.FrozenJson.of({"role": role}),
        )


def practice() -> am.Snapshot:
    bookings = list(appointments(drafts()))
    others = am.Snapshot(
        TAKEN_AT,
        profiles=profiles(),
        customers=customers(),
        appointments=bookings,
        records=records(bookings),
        access=access(bookings),
        access_requests=access_requests(),
    )
    return others.changed(twins())


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("practice.json")
    target.write_text(am.dumps(practice(), indent=1) + "\n", encoding="utf-8", newline="\n")
