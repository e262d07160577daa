-- The tables of an invented booking service, as its own program made them.
CREATE TABLE calendar (id INTEGER PRIMARY KEY AUTOINCREMENT, person, login, enabled INT, state INT, colour);
CREATE TABLE client (
  id INTEGER PRIMARY KEY AUTOINCREMENT, file_no, first_name, last_name, email1, email2, phone1, phone2, born, street,
  active INT
);
CREATE TABLE booking (
  id INTEGER PRIMARY KEY AUTOINCREMENT, calendar_id INT, client_id INT, starts, ends, zone, way, status INT, room
);
CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, calendar_id INT, client_id INT, text);
CREATE TABLE file (id INTEGER PRIMARY KEY AUTOINCREMENT, calendar_id INT, client_id INT, name);
CREATE TABLE invoice (id INTEGER PRIMARY KEY AUTOINCREMENT, booking_id INT, cents INT, paid INT);
CREATE INDEX booking_calendar ON booking (calendar_id, ends);
CREATE INDEX booking_client ON booking (client_id, ends);
