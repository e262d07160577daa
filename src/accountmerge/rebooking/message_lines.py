"""Read the field and the value of each line of a message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from accountmerge.messages import LANGUAGES, sentence
from accountmerge.model.appointments import MODALITIES, Modality
from accountmerge.model.emails import EmailAddress
from accountmerge.model.names import folded
from accountmerge.model.values import Value, value_class
from accountmerge.rebooking.message_times import holds_time, is_mail_time
from accountmerge.rebooking.message_words import (
    LABELS,
    MAIL_WORDS,
    MODALITY_WORDS,
    NO_INITIALS,
    NO_LABEL_WORDS,
    WRITTEN_FIELDS,
    RebookingField,
)

LONGEST_LABEL = 120
"""Characters. A longer text is no label."""
_MARKS = re.compile(r"[\s>|]*(?:(?:[-*•·–—+]|\d{1,2}[.)])[\s>|]+)?")  # noqa: RUF001 - people's bullets
_SEPARATORS = (":", "\uff1a", "=", "\t", " - ", " \u2013 ", " \u2014 ")
_PARENTHESES = re.compile(r"\([^()]*\)?")
_WORD = re.compile("[a-z0-9]+")
_TIME_FIELDS: frozenset[RebookingField] = frozenset(("start", "date", "time"))


@value_class(eq=False, repr=False)
class LabelledValue(Value):
    """The value after a label.

    Attributes:
        field: The field that the label names, or seems to name.
        value: The text after it, as it was written.
        is_sure: Whether the label is understood; else only some of its words are.
    """

    field: RebookingField
    value: str
    is_sure: bool = True


def labelled_values(text: str) -> Iterator[LabelledValue]:
    """Yield the value after each label of a message, in the order of its lines.

    A label alone on its line belongs to the next line, if that has no label. A line without a label that is understood
    seems to name the start if it has a date or a time. Takes time in proportion to the text.
    """
    waiting: RebookingField | None = None
    lines = [bare for line in text.splitlines() if (bare := line[_end_of_marks(line) :].strip())]
    is_mail = any(map(_is_of_mail_header, lines))
    for bare in lines:
        labelled = tuple(_labelled(bare, is_mail=is_mail))
        if waiting is not None and not any(each.is_sure for each in labelled):
            yield LabelledValue(waiting, bare)
            waiting = None
            continue
        if waiting is not None:
            yield LabelledValue(waiting, "")
            waiting = None
        if labelled and labelled[0].is_sure and not labelled[0].value:
            waiting = labelled[0].field
            continue
        yield from labelled
        if not any(each.is_sure or each.field in _TIME_FIELDS for each in labelled) and holds_time(bare):
            yield LabelledValue("start", bare, is_sure=False)
    if waiting is not None:
        yield LabelledValue(waiting, "")


def _end_of_marks(line: str) -> int:
    marks = _MARKS.match(line)
    return marks.end() if marks else 0


def _is_of_mail_header(line: str) -> bool:
    label, colon, _ = line.partition(":")
    return bool(colon) and len(label) <= LONGEST_LABEL and folded(label).strip(" *_\t\u00a0") in MAIL_WORDS


def _labelled(line: str, *, is_mail: bool) -> Iterator[LabelledValue]:
    """Yield the value of a line with an understood label, else one for each possible field."""
    splits = [_split(line, separator) for separator in _SEPARATORS if separator in line]
    # The label ends at the first separator after a known label, because a time has colons, too.
    for label, value in splits:
        field = named_field(label)
        if field is not None:
            # The time when a mail was sent is not the time of the session.
            is_sent = label_words(label) == ("date",) and (is_mail or is_mail_time(value))
            yield LabelledValue(field, value, is_sure=not is_sent)
            return
    for label, value in splits[:1]:
        words = label_words(label) if len(label) <= LONGEST_LABEL else ()
        yield from (
            LabelledValue(field, value, is_sure=False)
            for field, known in LABELS.items()
            if known.hint_at(words)
        )


def _split(line: str, separator: str) -> tuple[str, str]:
    label, _, value = line.partition(separator)
    return label.strip(), value.strip()


def named_field(label: str) -> RebookingField | None:
    """Return the field that a label names. Text in parentheses counts only if the rest names none."""
    if len(label) > LONGEST_LABEL:
        return None
    for text in (_PARENTHESES.sub(" ", label), label):
        words = label_words(text)
        if words in _written_labels():
            return _written_labels()[words]
        names = {field: known.names(words) for field, known in LABELS.items()}
        best = max(names, key=names.__getitem__)
        if names[best]:
            return best
    return None


def label_words(label: str) -> tuple[str, ...]:
    """Return the meaningful words of a label, folded."""
    text = folded(label).replace("e-mail", "email").replace("n\u00b0", "no ")
    return tuple(word for word in _WORD.findall(text) if word not in NO_LABEL_WORDS)


@cache
def _written_labels() -> dict[tuple[str, ...], RebookingField]:
    """Return the labels of written messages, in all languages."""
    return {
        label_words(_PARENTHESES.sub(" ", sentence(f"label.{field}", {}, language))): field
        for language in LANGUAGES
        for field in WRITTEN_FIELDS
    }


_LONGEST = 400
"""Characters of a value. An address has at most 320."""
_MOST_INITIALS = 6
_MOST_SMALL_INITIALS = 3
"""Letters of initials that are not written in capitals."""
_INITIALS = re.compile(r"[^\W\d_](?:[^\W\d_]|[.\- '\u2019])*")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_DECORATION = ' \t*_`"\u201c\u201d\u00ab\u00bb\u00a0'
_BEFORE_ADDRESS = f"{_DECORATION}<>()[]'\u2018\u2019,;"
_AFTER_ADDRESS = f"{_BEFORE_ADDRESS}."

Reading = tuple[str, str] | None
"""The normalised form of a value, and the value. None: the value is not understood."""


def read_number(text: str, prefixes: tuple[str, ...]) -> Reading:
    """Read an appointment number. With the prefix `APP-`, `APP 12` and `app-12` are `APP-12`.

    The prefixes are tried in their order. An empty one allows digits alone.
    """
    plain = " ".join(folded(_bare(text)).translate(_DASHES).split())
    for prefix in prefixes:
        match = _number_pattern(prefix).fullmatch(plain)
        if match:
            number = f"{prefix}{match[1]}"
            return number, number
    return None


@cache
def _number_pattern(prefix: str) -> re.Pattern[str]:
    letters = folded(prefix).translate(_DASHES).strip(" -")
    gap = "[ -]*" if letters else ""
    return re.compile(f"#? ?{re.escape(letters)}{gap}([0-9]{{1,30}})")


def read_initials(text: str) -> Reading:
    """Read initials, which are a few letters and no word.

    A name, a word that says that there are none, and a choice are refused.
    """
    bare = _bare(text)
    composed = unicodedata.normalize("NFC", bare)
    letters = "".join(filter(str.isalpha, composed))
    words = [word for word in re.split(r"[^\w]+", composed) if len(word) > 1]
    if len(letters) > _MOST_INITIALS or not _INITIALS.fullmatch(composed) or " - " in composed:
        return None
    if len(words) > 1 or not all(map(_may_be_initials, words)) or _is_placeholder(letters):
        return None
    return folded(letters), bare


def _may_be_initials(word: str) -> bool:
    """Return whether a word of several letters may be initials without dots."""
    is_short = len(word) <= _MOST_SMALL_INITIALS and not word[0].isupper()
    return (word.isupper() or is_short) and folded(word) not in NO_INITIALS


def _is_placeholder(letters: str) -> bool:
    """Return whether letters are a placeholder of an empty form, or a word such as n.a."""
    is_of_form = len(letters) > 1 and set(folded(letters)) == {"x"}
    return is_of_form or (letters.islower() and letters in NO_INITIALS)


def read_modality(text: str) -> Reading:
    """Read a modality by any of its names."""
    modality = _modalities().get(_plain(text))
    return (modality, modality) if modality else None


def read_address(text: str) -> Reading:
    """Read an address exactly as written, else without the marks of mail programs around it."""
    if len(text) > _LONGEST:
        return None
    # A dot at the front may not be removed: the rest would be the address of another person.
    bare = text.lstrip(_BEFORE_ADDRESS).rstrip(_AFTER_ADDRESS)
    for spelling in (text.strip(), bare, bare.removeprefix("mailto:")):
        address = EmailAddress(spelling)
        if address.is_valid:
            return address.mailbox, spelling
    return None


READERS: dict[RebookingField, Callable[[str], Reading]] = {
    "initials": read_initials,
    "modality": read_modality,
    "old_email": read_address,
    "new_email": read_address,
}
"""The reader of each field that is neither a number nor a time."""


def _bare(text: str) -> str:
    """Return a value without decoration, or an empty text if it is too long."""
    return text.strip(_DECORATION) if len(text) <= _LONGEST else ""


@cache
def _modalities() -> dict[str, Modality]:
    """Return the modality of each name, both from the catalogues and from other usage."""
    written = {
        _plain(sentence(f"modality.{modality}", {}, language)): modality
        for language in LANGUAGES
        for modality in MODALITIES
    }
    return MODALITY_WORDS | written


def _plain(text: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", folded(_bare(text))))
