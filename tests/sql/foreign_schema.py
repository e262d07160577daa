"""Tables of an invented booking service, as its own program made them, in two variations.

`BOOKING_SERVICE` has integer keys, local times, codes, and two columns for addresses and phones; it knows no access.
`CLINIC_SERVICE` has text keys, instants in UTC, rows for addresses and phones, and access. Both are for SQLite and
PostgreSQL. Neither has a column for links between bookings, for a repeated hour, or for a survivor.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

SCHEDULE_CODES = {0: "pending", 1: "active", 2: "inactive"}
"""The word of each code in `calendar.state`."""
STATUS_CODES = {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}
"""The word of each code in `booking.status`."""
WAY_CODES = {"room": "in_person", "video": "video", "phone": "phone", "chat": "chat"}
"""The word of each code in `booking.way`."""
LEVEL_CODES = {"T": "treating", "V": "viewing"}
"""The word of each code in `access.level`."""
REQUEST_CODES = {"open": "pending", "yes": "approved", "no": "denied", "back": "withdrawn"}
"""The word of each code in `access_request.state`."""

BOOKING_SERVICE = MetaData()
"""The first variation."""


def _key() -> Column[int]:
    return Column("id", Integer, Identity(), primary_key=True)


def _reference(name: str, target: str, *, required: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=not required)


calendar = Table(
    "calendar",
    BOOKING_SERVICE,
    _key(),
    Column("person", String(60), nullable=False),
    Column("login", String(320), nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("colour", String(7), nullable=False, server_default="#336699"),
    Column("reminder_hours", Integer, nullable=False, server_default="24"),
)
client = Table(
    "client",
    BOOKING_SERVICE,
    _key(),
    Column("file_no", String(40), nullable=False, unique=True),
    Column("first_name", String(80)),
    Column("last_name", String(80)),
    Column("email1", String(320)),
    Column("email2", String(320)),
    Column("phone1", String(40)),
    Column("phone2", String(40)),
    Column("born", Date),
    Column("street", Text),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("created", DateTime),
    Column("newsletter", Boolean, nullable=False, server_default=false()),
)
booking = Table(
    "booking",
    BOOKING_SERVICE,
    _key(),
    _reference("calendar_id", "calendar.id"),
    _reference("client_id", "client.id"),
    Column("starts", DateTime, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("way", String(10), nullable=False, server_default="room"),
    Column("status", SmallInteger, nullable=False, server_default="1"),
    Column("room", String(20), nullable=False, server_default="A1"),
    Column("price", Numeric(8, 2), nullable=False, server_default="0"),
    CheckConstraint("minutes > 0", name="booking_lasts"),
    Index("booking_by_calendar", "calendar_id", "starts"),
    Index("booking_by_client", "client_id", "starts"),
)
note = Table(
    "note",
    BOOKING_SERVICE,
    _key(),
    _reference("client_id", "client.id"),
    _reference("calendar_id", "calendar.id", required=False),
    Column("written", DateTime),
    Column("text", Text, nullable=False),
)
file = Table(
    "file",
    BOOKING_SERVICE,
    _key(),
    _reference("client_id", "client.id"),
    _reference("note_id", "note.id", required=False),
    Column("name", String(200), nullable=False),
    Column("bytes", Integer, nullable=False, server_default="0"),
)
insurance_card = Table(
    "insurance_card",
    BOOKING_SERVICE,
    Column("client_id", Integer, ForeignKey("client.id"), primary_key=True),
    Column("insurer", String(40), primary_key=True),
    Column("card_no", String(40), nullable=False),
    Column("valid_until", Date),
)
client_programme = Table(
    "client_programme",
    BOOKING_SERVICE,
    Column("client_id", Integer, ForeignKey("client.id"), primary_key=True),
    Column("programme_no", Integer, primary_key=True),
    Column("goal", Text),
)
invoice = Table(
    "invoice",
    BOOKING_SERVICE,
    _key(),
    _reference("booking_id", "booking.id"),
    Column("cents", Integer, nullable=False, server_default="0"),
    Column("paid", Boolean, nullable=False, server_default=false()),
)
login_token = Table(
    "login_token",
    BOOKING_SERVICE,
    Column("token", String(64), primary_key=True),
    _reference("client_id", "client.id", required=False),
    _reference("calendar_id", "calendar.id", required=False),
    Column("expires", DateTime, nullable=False),
)

CLINIC_SERVICE = MetaData()
"""The second variation."""


def _text_key() -> Column[str]:
    return Column("id", String(60), primary_key=True)


def _text_reference(name: str, target: str, *, required: bool = True) -> Column[str]:
    return Column(name, String(60), ForeignKey(target), nullable=not required)


clinician_login = Table(
    "clinician_login",
    CLINIC_SERVICE,
    _text_key(),
    Column("clinician", String(60), nullable=False),
    Column("username", String(320), nullable=False, unique=True),
    Column("can_sign_in", Boolean, nullable=False, server_default=true()),
    Column("schedule", String(10), nullable=False, server_default="pending"),
    CheckConstraint("schedule IN ('pending', 'active', 'inactive')", name="login_schedule"),
)
patient = Table(
    "patient",
    CLINIC_SERVICE,
    _text_key(),
    Column("chart", String(40), nullable=False, unique=True),
    Column("given", String(80)),
    Column("family", String(80)),
    Column("birth", Date),
    Column("home", Text),
    Column("state", String(10), nullable=False, server_default="active"),
    CheckConstraint("state IN ('active', 'disabled')", name="patient_state"),
)
client_email = Table(
    "client_email",
    CLINIC_SERVICE,
    Column("patient_id", String(60), ForeignKey("patient.id"), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("is_login", Boolean, nullable=False, server_default=false()),
    Column("verified", Boolean, nullable=False, server_default=false()),
)
client_phone = Table(
    "client_phone",
    CLINIC_SERVICE,
    Column("patient_id", String(60), ForeignKey("patient.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("number", String(40), nullable=False),
)
visit = Table(
    "visit",
    CLINIC_SERVICE,
    _text_key(),
    _text_reference("login_id", "clinician_login.id"),
    _text_reference("patient_id", "patient.id"),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("way", String(10), nullable=False, server_default="room"),
    Column("status", SmallInteger, nullable=False, server_default="1"),
    Column("booked_at", DateTime(timezone=True)),
    CheckConstraint("ends_at > starts_at", name="visit_lasts"),
    Index("visit_by_login", "login_id", "ends_at"),
    Index("visit_by_patient", "patient_id", "ends_at"),
)
entry = Table(
    "entry",
    CLINIC_SERVICE,
    _text_key(),
    _text_reference("patient_id", "patient.id"),
    _text_reference("login_id", "clinician_login.id", required=False),
    Column("written_at", DateTime(timezone=True)),
    Column("body", Text, nullable=False),
)
access = Table(
    "access",
    CLINIC_SERVICE,
    _text_key(),
    _text_reference("login_id", "clinician_login.id"),
    _text_reference("patient_id", "patient.id"),
    Column("level", String(1), nullable=False),
    Column("since", DateTime(timezone=True)),
    CheckConstraint("level IN ('T', 'V')", name="access_level"),
    UniqueConstraint("login_id", "patient_id"),
)
access_request = Table(
    "access_request",
    CLINIC_SERVICE,
    _text_key(),
    _text_reference("login_id", "clinician_login.id"),
    _text_reference("patient_id", "patient.id"),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("state", String(4), nullable=False, server_default="open"),
    Column("why", Text),
    Column("decided_by", String(80)),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('open', 'yes', 'no', 'back')", name="request_state"),
)
