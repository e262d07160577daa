"""The words with which people name fields and modalities, in English and French.

The catalogues have the words of written messages. Here are further words that may be read.
All are folded: lower case, no accents.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Literal, get_args

from accountmerge.model.appointments import Modality
from accountmerge.model.values import ShownValue, value_class

RebookingField = Literal[
    "number", "initials", "start", "date", "time", "time_zone", "modality", "old_email", "new_email"
]
REBOOKING_FIELDS: tuple[RebookingField, ...] = get_args(RebookingField)
"""The fields of a message; `start` is a date and a time in one."""
WRITTEN_FIELDS: tuple[RebookingField, ...] = (
    "number",
    "initials",
    "start",
    "time_zone",
    "modality",
    "old_email",
    "new_email",
)
"""The fields of a written message, in this order."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _each(*groups: str) -> tuple[frozenset[str], ...]:
    """Return every way to take a word from each group."""
    return tuple(frozenset(key) for key in itertools.product(*(group.split() for group in groups)))


@value_class(eq=False, repr=False)
class LabelWords(ShownValue):
    """The words by which a label is known.

    Attributes:
        keys: Several sets of key words. A label has all words of one of them.
        more: Other words that it may have; with any further one it is not understood.
    """

    keys: tuple[frozenset[str], ...]
    more: frozenset[str]

    def names(self, words: Iterable[str]) -> int:
        """Return how many key words a label has, or 0 if another word is not allowed."""
        present = frozenset(words)
        return max((len(key) for key in self.keys if key <= present <= key | self.more), default=0)

    def hint_at(self, words: Iterable[str]) -> bool:
        """Return whether a label has the key words, with any other words."""
        present = frozenset(words)
        return any(key <= present for key in self.keys)


_SESSION = (
    "next coming upcoming new wanted session appointment booking visit starts start begins "
    "prochaine prochain nouvelle nouveau souhaitee souhaite seance rencontre rendez vous rdv debut"
)
_PLACE = "email courriel courriels mail address adresse profile profil username login identifiant"
_HERE = "book booked booking appointment one where here session reserver rendez vous"

LABELS: dict[RebookingField, LabelWords] = {
    "number": LabelWords(
        (
            *_each("number numero no num"),
            *_each("appointment appt booking rdv"),
            _words("rendez vous"),
        ),
        _words(
            "existing current present old app asst or appointment appt booking session profile "
            "existant actuel ancien numero number no num rendez vous rdv profil seance"
        ),
    ),
    "initials": LabelWords(
        _each("initials initial initiales initiale"),
        _words("customer customers client clients cliente personne"),
    ),
    "start": LabelWords(
        (
            *_each("date day jour", "time hour heure"),
            *_each("next", "session appointment"),
            *_each("prochaine", "seance rencontre"),
            _words("prochain rendez vous"),
            *_each("when quand session seance start starts debut"),
        ),
        _words(_SESSION),
    ),
    "date": LabelWords(_each("date day jour"), _words(_SESSION)),
    "time": LabelWords(_each("time hour heure"), _words(_SESSION)),
    "time_zone": LabelWords(
        (_words("time zone"), *_each("timezone zone fuseau tz")), _words(f"{_SESSION} horaire fuseau")
    ),
    "modality": LabelWords(
        _each("modality modalite mode format"), _words(f"{_SESSION} meeting contact consultation")
    ),
    "old_email": LabelWords(
        _each("old previous former original ancien ancienne precedent precedente", _PLACE), _words(_PLACE)
    ),
    "new_email": LabelWords(_each("new nouveau nouvelle nouvel", _PLACE), _words(f"{_PLACE} {_HERE}")),
}
"""The words by which the label of each field is known."""

NO_LABEL_WORDS = _words(
    "a an the of for my our your his her their its this that to into in at on from and is be s "
    "le la les l d de du des mon ma mes notre nos votre son sa ses au aux ou et pour dans sur ce cet cette un une"
)
"""Words of a label without a meaning of their own."""

NO_INITIALS = _words(
    "tbc tba tbd na nil no none non not null nul see same idk any all who or and ou et und oui yes "
    "aucun aucune idem vide sans voir nom name names"
)
"""Short words in the place of initials that are no initials."""

MAIL_WORDS = _words("from sent subject to cc bcc reply-to de envoye objet a cci") | {"sent on", "envoye le"}
"""The labels at the head of a mail, without the date."""

MODALITY_WORDS: dict[str, Modality] = {
    **dict.fromkeys(("in person", "inperson", "face to face", "f2f", "on site", "onsite"), "in_person"),
    **dict.fromkeys(("en personne", "presentiel", "en presentiel", "sur place", "face a face"), "in_person"),
    **dict.fromkeys(("video", "by video", "video call", "video session", "videoconference"), "video"),
    **dict.fromkeys(("par video", "en video", "visio", "visioconference", "appel video"), "video"),
    **dict.fromkeys(("phone", "by phone", "telephone", "by telephone", "phone call"), "phone"),
    **dict.fromkeys(("par telephone", "appel telephonique", "au telephone"), "phone"),
    **dict.fromkeys(("chat", "by chat", "live chat", "online chat", "text chat"), "chat"),
    **dict.fromkeys(("clavardage", "par clavardage", "par chat"), "chat"),
}
"""The modality of each name."""

_MONTHS = (
    "january jan janvier janv",
    "february feb fevrier fevr fev",
    "march mar mars",
    "april apr avril avr",
    "may mai",
    "june jun juin",
    "july jul juillet juil",
    "august aug aout",
    "september sept sep septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec decembre",
)
MONTH_WORDS: dict[str, int] = {
    word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()
}
"""The month of each name."""

_WEEKDAYS = (
    "monday mon lundi lun",
    "tuesday tues tue mardi mar",
    "wednesday wed mercredi mer",
    "thursday thurs thur thu jeudi jeu",
    "friday fri vendredi ven",
    "saturday sat samedi sam",
    "sunday sun dimanche dim",
)
WEEKDAY_WORDS: dict[str, int] = {
    word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()
}
"""The day of the week of each name, Monday as 0."""

NO_TIME_WORDS = _words("at on a le the of de du")
"""Words of a date and time without a meaning of their own."""
