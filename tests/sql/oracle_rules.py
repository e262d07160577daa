"""The rules of the oracle that need more than a column: overlaps, claims, halves of rebookings, chains of merges.

Claims of addresses and numbers are verified by each statement, so whoever writes a step has to release before it
claims. All other rules hold at the end of a transaction.

PostgreSQL: exclusion constraints (deferred for overlaps, immediate for claims), and deferred constraint triggers for
the rules about chains. An exclusion constraint compares two rows by operators that all have to be true; so the bookings
of one session are exempt by a key that is the session, or else the booking: it has to differ. That two bookings of one
session have one slot is a constraint of its own.

SQLite: a trigger cannot be deferred, but a foreign key can. The triggers write each broken rule as a row of
`broken_rule`, which refers to a row that never exists; a later statement that mends the rule removes the row. If one is
left, the transaction cannot be committed. Claims are triggers that raise at once, and partial unique indexes.

The view `violation` says on both databases which rule is broken by which two rows.
"""

# ruff: noqa: S608 - the names of tables and columns are constants
from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

_LIVE = "status IN ('held', 'booked')"
_RESERVED = "use <> 'secondary' OR login_of IS NOT NULL"
_ORDINARY = "number <> ''"

_VIOLATION = """
CREATE VIEW violation AS
WITH RECURSIVE live AS (
  SELECT a.id, p.practitioner_id, coalesce(c.merged_into, c.id) AS person_id, a.starts, a.ends, a.session_id
  FROM appointment a JOIN profile p ON p.id = a.profile_id JOIN customer c ON c.id = a.customer_id
  WHERE a.status IN ('held', 'booked')
), link AS (
  SELECT id, coalesce(
    replaces, (SELECT min(b.id) FROM appointment b WHERE b.replaced_by = a.id)
  ) AS earlier FROM appointment a
), walk(id, at) AS (
  SELECT id, id FROM live UNION SELECT w.id, l.earlier FROM walk w JOIN link l ON l.id = w.at
  WHERE l.earlier IS NOT NULL
), root AS (
  SELECT w.id, coalesce(min(CASE WHEN l.earlier IS NULL THEN w.at END), min(w.at)) AS root_id
  FROM walk w JOIN link l ON l.id = w.at GROUP BY w.id
)
SELECT 'practitioner_booked_twice' AS rule, a.id AS first, b.id AS second
FROM live a JOIN live b ON a.practitioner_id = b.practitioner_id AND a.id < b.id
WHERE a.starts < b.ends AND b.starts < a.ends
AND NOT (coalesce(a.session_id = b.session_id, false) AND a.starts = b.starts AND a.ends = b.ends)
UNION ALL
SELECT 'person_booked_twice', a.id, b.id FROM live a JOIN live b ON a.person_id = b.person_id AND a.id < b.id
WHERE a.starts < b.ends AND b.starts < a.ends
UNION ALL
SELECT 'two_live_halves', a.id, b.id FROM live a JOIN live b ON a.person_id = b.person_id AND a.id < b.id
JOIN root r ON r.id = a.id JOIN root s ON s.id = b.id WHERE r.root_id = s.root_id
UNION ALL
SELECT 'merged_in_chain', a.id, b.id FROM customer a JOIN customer b ON b.id = a.merged_into
WHERE b.merged_into IS NOT NULL
UNION ALL
SELECT 'several_active_schedules', a.id, b.id
FROM profile a JOIN profile b ON a.practitioner_id = b.practitioner_id AND a.id < b.id
WHERE a.schedule = 'active' AND b.schedule = 'active'
UNION ALL
SELECT 'several_primary_emails', a.customer_id, b.customer_id
FROM customer_email a JOIN customer_email b ON a.customer_id = b.customer_id AND a.id < b.id
WHERE a.use = 'primary' AND b.use = 'primary' AND a.mailbox <> b.mailbox
"""


def _mailbox(address: str, shape: str) -> str:
    """Return the mailbox of an address, as far as a database can tell it.

    Only ASCII letters are lower-cased, and a domain is compared as it is written; so two spellings of one mailbox
    may pass, but never are two mailboxes taken for one.
    """
    return f"CASE WHEN {shape} THEN lower({address}) ELSE {address} END"


def _postgresql() -> Iterator[str]:
    for table, column in (("profile", "email"), ("customer_email", "address")):
        address = f'btrim({column}) COLLATE "C"'
        mailbox = _mailbox(address, f"btrim({column}) ~ '^[^@[:space:]]+@[^@[:space:]]+$'")
        yield f"ALTER TABLE {table} ADD COLUMN mailbox text GENERATED ALWAYS AS ({mailbox}) STORED"
    for name, table, columns, rows in _EXCLUDED_AT_THE_END:
        yield _exclusion(name, table, columns, rows) + " DEFERRABLE INITIALLY DEFERRED"
    yield _exclusion(
        "email_claimed_twice", "customer_email", "mailbox WITH =, customer_id WITH <>", _RESERVED
    )
    yield "CREATE UNIQUE INDEX username_taken_twice ON profile (mailbox)"
    yield f"CREATE UNIQUE INDEX appointment_number_twice ON appointment (number) WHERE {_ORDINARY}"
    yield _VIOLATION
    yield from _PRACTITIONER_IN_POSTGRESQL
    yield from _PERSON_IN_POSTGRESQL
    yield from _CHAINS_IN_POSTGRESQL


_SESSION = "(coalesce('s:' || session_id, 'a:' || id)) WITH <>"
_DURING = "tstzrange(starts, ends) WITH &&"
_EXCLUDED_AT_THE_END = (
    (
        "practitioner_booked_twice",
        "appointment",
        f"practitioner_id WITH =, {_SESSION}, {_DURING}",
        _LIVE,
    ),
    *(
        (
            f"session_{bound}_twice",
            "appointment",
            f"practitioner_id WITH =, session_id WITH =, {bound} WITH <>, {_DURING}",
            _LIVE,
        )
        for bound in ("starts", "ends")
    ),
    ("several_active_schedules", "profile", "practitioner_id WITH =", "schedule = 'active'"),
    ("several_primary_emails", "customer_email", "customer_id WITH =, mailbox WITH <>", "use = 'primary'"),
)
"""Rules about two rows of one table: name, table, the columns that are compared, and the rows that count."""


def _exclusion(name: str, table: str, columns: str, rows: str) -> str:
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({columns}) WHERE ({rows})"


_PRACTITIONER_IN_POSTGRESQL = (
    """
CREATE FUNCTION fill_practitioner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.profile_id <> OLD.profile_id AND NEW.practitioner_id = OLD.practitioner_id THEN
      NEW.practitioner_id := NULL;
    END IF;
  END IF;
  IF NEW.practitioner_id IS NULL THEN
    SELECT practitioner_id INTO NEW.practitioner_id FROM profile WHERE id = NEW.profile_id;
  END IF;
  RETURN NEW;
END $$""",
    (
        "CREATE TRIGGER fill_practitioner BEFORE INSERT OR UPDATE ON appointment"
        " FOR EACH ROW EXECUTE FUNCTION fill_practitioner()"
    ),
)
_PERSON_IN_POSTGRESQL = (
    (
        "CREATE TABLE taken_time (appointment_id text PRIMARY KEY, person_id text NOT NULL, during tstzrange NOT NULL,"
        " CONSTRAINT person_booked_twice EXCLUDE USING gist (person_id WITH =, during WITH &&)"
        " DEFERRABLE INITIALLY DEFERRED)"
    ),
    """
CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM taken_time WHERE appointment_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO taken_time
    SELECT NEW.id, coalesce((SELECT merged_into FROM customer WHERE id = NEW.customer_id), NEW.customer_id),
      tstzrange(NEW.starts, NEW.ends)
    WHERE NEW.status IN ('held', 'booked');
  END IF;
  RETURN NULL;
END $$""",
    (
        "CREATE TRIGGER take_time AFTER INSERT OR UPDATE OR DELETE ON appointment"
        " FOR EACH ROW EXECUTE FUNCTION take_time()"
    ),
    """
CREATE FUNCTION join_persons() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE taken_time SET person_id = coalesce(NEW.merged_into, NEW.id)
  FROM appointment a WHERE a.id = appointment_id AND a.customer_id = NEW.id;
  RETURN NULL;
END $$""",
    (
        "CREATE TRIGGER join_persons AFTER INSERT OR UPDATE OF merged_into ON customer"
        " FOR EACH ROW EXECUTE FUNCTION join_persons()"
    ),
)
_CHAINS_IN_POSTGRESQL = (
    """
CREATE FUNCTION refuse_violations() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE broken text; BEGIN
  SELECT rule INTO broken FROM violation WHERE rule IN ('two_live_halves', 'merged_in_chain') LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken, MESSAGE = broken;
  END IF;
  RETURN NULL;
END $$""",
    *(
        f"CREATE CONSTRAINT TRIGGER refuse_violations AFTER INSERT OR UPDATE ON {table} DEFERRABLE"
        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_violations()"
        for table in ("appointment", "customer")
    ),
)


def _sqlite() -> Iterator[str]:
    for table, column in (("profile", "email"), ("customer_email", "address")):
        address = f"trim({column})"
        one_sign = f"{address} GLOB '?*@?*' AND {address} NOT GLOB '*@*@*'"
        no_space = f"{address} NOT GLOB '*[ ' || char(9) || '-' || char(13) || ']*'"
        mailbox = _mailbox(address, f"{one_sign} AND {no_space}")
        yield f"ALTER TABLE {table} ADD COLUMN mailbox TEXT AS ({mailbox}) VIRTUAL"
    yield "CREATE UNIQUE INDEX username_taken_twice ON profile (mailbox)"
    yield f"CREATE UNIQUE INDEX appointment_number_twice ON appointment (number) WHERE {_ORDINARY}"
    yield _VIOLATION
    yield "CREATE TABLE never (id INTEGER PRIMARY KEY CHECK (id IS NULL AND id IS NOT NULL))"
    yield (
        "CREATE TABLE broken_rule (rule TEXT, first TEXT, second TEXT,"
        " never INTEGER NOT NULL DEFAULT 1 REFERENCES never (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    for event in ("INSERT", "UPDATE"):
        yield (
            f"CREATE TRIGGER practitioner_after_{event.lower()} AFTER {event} ON appointment"
            " WHEN NEW.practitioner_id IS NULL BEGIN UPDATE appointment SET practitioner_id ="
            " (SELECT practitioner_id FROM profile WHERE id = NEW.profile_id) WHERE id = NEW.id; END"
        )
        yield (
            f"CREATE TRIGGER claim_after_{event.lower()} AFTER {event} ON customer_email"
            f" WHEN NEW.{_RESERVED.replace('login_of', 'NEW.login_of')} BEGIN"
            " SELECT raise(ABORT, 'email_claimed_twice') FROM customer_email"
            f" WHERE mailbox = NEW.mailbox AND customer_id <> NEW.customer_id AND ({_RESERVED}); END"
        )
    yield (
        "CREATE TRIGGER practitioner_after_move AFTER UPDATE OF profile_id ON appointment"
        " WHEN NEW.profile_id <> OLD.profile_id AND NEW.practitioner_id = OLD.practitioner_id BEGIN"
        " UPDATE appointment SET practitioner_id = (SELECT practitioner_id FROM profile"
        " WHERE id = NEW.profile_id) WHERE id = NEW.id; END"
    )
    for table in ("appointment", "customer", "profile", "customer_email"):
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_rules_after_{event.lower()} AFTER {event} ON {table} BEGIN"
                " DELETE FROM broken_rule;"
                " INSERT INTO broken_rule (rule, first, second) SELECT rule, first, second FROM violation; END"
            )


def rules_for(dialect: str) -> tuple[str, ...]:
    """Return the commands that make the rules, after the tables."""
    return tuple({"postgresql": _postgresql, "sqlite": _sqlite}[dialect]())


def violations(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """Return the rules about two rows that are broken now, each with the keys of the rows."""
    rows = connection.execute(text("SELECT rule, first, second FROM violation ORDER BY 1, 2, 3"))
    return tuple((row.rule, row.first, row.second) for row in rows)


def verify_now(connection: Connection) -> None:
    """Verify in the middle of a transaction the rules that otherwise hold at its end.

    Raises:
        IntegrityError: A rule is broken.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        return
    for rule, first, second in violations(connection):
        raise IntegrityError(None, None, ValueError(rule, first, second))
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise IntegrityError(None, None, ValueError("foreign_key"))
