-- The tables of an invented booking service, as its own program made them, and invented rows.
CREATE TABLE calendar (
  id INTEGER PRIMARY KEY, owner VARCHAR(40) NOT NULL, login VARCHAR(320) NOT NULL UNIQUE, sign_in VARCHAR(8) NOT NULL,
  state VARCHAR(10) NOT NULL, colour VARCHAR(7)
);
CREATE TABLE person (
  id INTEGER PRIMARY KEY, file_no VARCHAR(20) NOT NULL UNIQUE, first_name VARCHAR(80), last_name VARCHAR(80),
  email1 VARCHAR(320), email2 VARCHAR(320), phone1 VARCHAR(40), phone2 VARCHAR(40), born DATE, active BOOLEAN NOT NULL
);
CREATE TABLE booking (
  id INTEGER PRIMARY KEY, calendar_id INTEGER NOT NULL REFERENCES calendar (id),
  person_id INTEGER NOT NULL REFERENCES person (id), starts DATETIME NOT NULL, minutes INTEGER NOT NULL,
  status SMALLINT NOT NULL, way VARCHAR(10) NOT NULL, room VARCHAR(20)
);
CREATE TABLE note (
  id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id),
  calendar_id INTEGER REFERENCES calendar (id), text TEXT NOT NULL
);
CREATE TABLE invoice (
  id INTEGER PRIMARY KEY, booking_id INTEGER NOT NULL REFERENCES booking (id), cents INTEGER NOT NULL, paid BOOLEAN NOT NULL
);
CREATE TABLE care (
  id INTEGER PRIMARY KEY, calendar_id INTEGER NOT NULL REFERENCES calendar (id),
  person_id INTEGER NOT NULL REFERENCES person (id), level VARCHAR(8) NOT NULL, UNIQUE (calendar_id, person_id)
);
CREATE INDEX booking_calendar ON booking (calendar_id, starts);
CREATE INDEX booking_person ON booking (person_id, starts);
INSERT INTO calendar VALUES
  (1, 'P1', 'nadia@example.com', 'enabled', 'active', '#336699'), (2, 'P2', 'bo@example.com', 'enabled', 'active', '#993366');
INSERT INTO person VALUES
  (1, 'N-1', 'Abe', 'Rivera', 'abe@example.com', NULL, '+1 416 555 0101', NULL, '1980-05-01', 1),
  (2, 'N-2', 'Abraham', 'Rivera', NULL, 'abe.r@example.org', '+1 416 555 0102', '+1 416 555 0103', '1980-05-01', 1),
  (3, 'N-3', 'Ines', 'Okoro', 'ines@example.com', NULL, NULL, NULL, '1991-09-12', 1);
INSERT INTO booking VALUES
  (1, 1, 1, '2026-03-10 10:00:00.000000', 50, 1, 'room', 'B2'), (2, 1, 3, '2026-03-11 10:00:00.000000', 50, 1, 'video', NULL),
  (3, 1, 2, '2026-03-17 10:00:00.000000', 50, 1, 'room', 'B2'), (4, 2, 3, '2026-03-12 10:00:00.000000', 50, 1, 'room', 'A1');
INSERT INTO note VALUES (1, 1, 1, 'First session.'), (2, 2, 1, 'Asked for mornings.'), (3, 3, NULL, 'Prefers video.');
INSERT INTO invoice VALUES (1, 1, 9000, 0), (2, 3, 9000, 1);
INSERT INTO care VALUES (1, 1, 1, 'treating'), (2, 1, 2, 'treating'), (3, 1, 3, 'treating'), (4, 2, 3, 'treating');
