"""Message wordings: the ways in which people write what a rebooking message says, each with what it means.

Shares nothing with the reader but the values.
"""

from __future__ import annotations

from datetime import datetime

Asked = tuple[str, str]
Written = tuple[str, set[Asked]]
"""A text, and what has to be asked because of it."""

LABELS = {
    "number": (
        "Existing appointment number",
        "appointment no.",
        "Booking number (from my old profile)",
        "Numéro du rendez-vous existant",
        "No de RDV",
    ),
    "initials": ("Customer initials", "initials", "Client's initials", "Initiales du client", "Initiales"),
    "start": (
        "Date and time of the next session",
        "DATE & TIME",
        "Next session",
        "Date et heure de la prochaine séance",
        "Prochain rendez-vous",
    ),
    "date": ("Date", "Date of the next session", "Date de la séance", "Jour"),
    "time": ("Time", "Time of the appointment", "Heure", "Heure de la prochaine rencontre"),
    "time_zone": ("Time zone", "Timezone", "Fuseau horaire", "Zone"),
    "modality": ("Modality", "Session modality", "Modalité de la prochaine séance", "Mode"),
    "old_email": (
        "Old profile e-mail",
        "My old email",
        "Previous email address",
        "Courriel de mon ancien profil",
        "Ancienne adresse courriel",
    ),
    "new_email": (
        "New profile e-mail",
        "my NEW profile email (the one to book the appointment into)",
        "Nouveau courriel",
        "Courriel du nouveau profil",
        "Nouvelle adresse",
    ),
}
MODALITIES = {
    "in_person": ("In person", "in-person", "Face to face", "en personne", "Présentiel"),
    "video": ("Video", "VIDEO CALL", "vidéo", "visioconférence"),
    "phone": ("Phone", "telephone", "Téléphone", "par téléphone"),
    "chat": ("Chat", "live chat", "clavardage"),
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
ZONE = "Australia/Sydney"
REPEATED = datetime(2026, 4, 5, 2, 30)  # noqa: DTZ001 - clocks show it twice
SKIPPED = datetime(2026, 10, 4, 2, 30)  # noqa: DTZ001 - clocks never show it
WALLS = (
    datetime(2026, 3, 31, 14, 30),  # noqa: DTZ001 - as clocks show it; so below
    datetime(2026, 4, 3, 9, 5),  # noqa: DTZ001
    datetime(2026, 11, 9, 12, 0),  # noqa: DTZ001
    datetime(2026, 5, 5, 0, 15),  # noqa: DTZ001
    datetime(2027, 12, 1, 23, 45),  # noqa: DTZ001
    datetime(2026, 8, 20, 16, 45),  # noqa: DTZ001
    datetime(2026, 6, 30, 10, 0),  # noqa: DTZ001
    REPEATED,
)
TEXTS = ("number", "initials", "modality", "old_email", "new_email")
WRITTEN: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "number": (
        ("APP-1023", ("APP-1023", "app 1023", "App-1023", "APP1023", "#APP - 1023", "*APP-1023*")),
        ("ASST-7", ("ASST-7", "asst 7", "Asst\u20137")),
    ),
    "initials": (("J.D.", ("J.D.",)), ("A B", ("A B", "A B  ")), ("éz", ("éz",)), ("JLO", ("JLO", '"JLO"'))),
    "modality": tuple(MODALITIES.items()),
    "old_email": (
        (
            "ann.old@example.com",
            (
                "ann.old@example.com",
                "<ann.old@example.com>",
                "mailto:ann.old@example.com",
                "ann.old@example.com.",
            ),
        ),
        ("o'neil+x@example.com", ("o'neil+x@example.com", "“o'neil+x@example.com”")),
    ),
    "new_email": (
        ("ann@example.org", ("ann@example.org", "**ann@example.org**")),
        ("zoë@münchen.example", ("zoë@münchen.example",)),
    ),
}
"""For each field values, each with ways to write it."""
UNCLEAR = {
    "number": ("1023", "APP-XXXXX", "APP-1023 or APP-1024", "APP-10a", "AP-1023"),
    "initials": ("Jane", "Jane Doe", "J.D. (or J.B.)", "7", "X XXXXX XX"),
    "modality": ("In-person/ Video/ Phone / Chat", "not video", "video or phone", "any"),
    "old_email": ("ann", "a@b@c", "ann@example.com or bo@example.com", "ann @ example.com", "(the usual)"),
    "new_email": ("see below", "ann@", "ann@example,org"),
}
OTHER = {
    "number": "APP-99",
    "initials": "Q.Q.",
    "old_email": "someone@example.net",
    "new_email": "else@example.net",
}
PROSE = (
    "Hi team,",
    "Because of my migration to a new profile I need your help with this one.",
    "Thanks!",
    "--",
    "Phone: 555-0100",
    "Email: signature@example.com",
    "Merci beaucoup, à bientôt.",
    "See https://example.com/help?x=1",
)
